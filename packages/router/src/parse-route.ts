import { findPathFault, isName } from '@amplify-discovery/core';
import type { RouterErrorCode } from './answer-error.ts';

/** Where a request wants to go. */
export interface Route {
  readonly stage?: string | undefined;
  readonly service: string;
  /** Path and query below the service, as they came; starts with one `/`. */
  readonly path: string;
  /** The part of the request's path that names the service, `/orders`. */
  readonly prefix: string;
}

export interface RouteFault {
  readonly code: Extract<RouterErrorCode, 'InvalidRequest' | 'InvalidPath' | 'PathTooLong'>;
  readonly message: string;
}

export interface RouteOptions {
  /** What comes before the service, `/r`. @default '' */
  readonly mount?: string | undefined;
  /** The segment before the service is the stage. @default false */
  readonly hasStage?: boolean | undefined;
}

const maximumLength = 8192;

/**
 * Reads `/{service}/{path}` from a request target. Only origin-form is read (RFC 9112 §3.2.1): an absolute URL, an authority
 * or `*` is refused, and so is every path that some server could read as climbing out of the service: `.` and `..` as a
 * segment in any number of encodings, also before a `;`, between encoded slashes and backslashes, and in overlong UTF-8.
 */
export function parseRoute(target: string, { mount = '', hasStage = false }: RouteOptions = {}): Route | RouteFault {
  if (target.length > maximumLength)
    return { code: 'PathTooLong', message: `A path has at most ${maximumLength} characters.` };
  if (!/^\/[\x21-\x7e]*$/.test(target) || /^\/\/|[\\#]/.test(target)) {
    return {
      code: 'InvalidRequest',
      message: 'Ask for a path that starts with exactly one "/" and is plain ASCII, not for a URL.',
    };
  }
  if (!target.startsWith(`${mount}/`)) return { code: 'InvalidPath', message: `Paths start with ${mount}/.` };
  const queryAt = target.indexOf('?');
  const pathname = queryAt < 0 ? target : target.slice(0, queryAt);
  const query = queryAt < 0 ? '' : target.slice(queryAt);
  const [, first = '', ...others] = pathname.slice(mount.length).split('/');
  const [stage, service = ''] = hasStage ? [first, others.shift()] : [undefined, first];
  const form = `${mount}${hasStage ? '/{stage}' : ''}/{service}/{path}`;
  if (!isName(service) || (hasStage && !isName(stage))) {
    return { code: 'InvalidPath', message: `Paths have the form ${form}, with names of [A-Za-z0-9._-].` };
  }
  const rest = others.length ? `/${others.join('/')}` : '/';
  const fault = findPathFault(rest);
  if (fault) return { code: 'InvalidPath', message: `The path below the service ${fault}.` };
  return { stage, service, path: rest + query, prefix: `${mount}${stage === undefined ? '' : `/${stage}`}/${service}` };
}

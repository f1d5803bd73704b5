import { isName } from '@amplify-discovery/core';
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
/** More layers of percent-encoding than anyone needs. */
const maximumLayers = 8;

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
  if (fault) return { code: 'InvalidPath', message: fault };
  return { stage, service, path: rest + query, prefix: `${mount}${stage === undefined ? '' : `/${stage}`}/${service}` };
}

/** What is wrong with the path below a service, if anything. */
export function findPathFault(path: string): string | undefined {
  if (/^\/\//.test(path)) return 'The path below the service starts with exactly one "/".';
  if (/%(?![\da-f]{2})/i.test(path)) return 'The path has a "%" that starts no percent-encoding.';
  if (/%c[01]|%e0%[89]|%f0%8/i.test(path)) return 'The path has overlong UTF-8.';
  let text = path;
  for (let layer = 0; layer < maximumLayers; layer++) {
    if (/(^|[/\\])\.{1,2}($|[/\\;])/.test(text)) return 'The path has a "." or ".." segment.';
    if (/%[01][\da-f]|%7f/i.test(text)) return 'The path has an encoded control character.';
    if (/^\/[/\\]/.test(text)) return 'The path below the service starts with an encoded slash.';
    const next = text.replace(/%(2e|2f|5c|25|3b)/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (next === text) return undefined;
    text = next;
  }
  return 'The path is percent-encoded too many times.';
}

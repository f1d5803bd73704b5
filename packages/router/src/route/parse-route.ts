import { findPathFault, isName } from '@amplify-discovery/core';
import type { RouterErrorCode } from './answer-error.ts';

/** Where a request wants to go. */
export interface Route {
  readonly stage?: string | undefined;
  readonly service: string;
  /** Path and query below the service, as they were sent. Empty or a bare query for the endpoint itself, else starts with one `/`. */
  readonly path: string;
  /** The part of the request's path that names the service, mount and stage included: `/orders`. */
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
 * or `*` is refused, and so is every path that `findPathFault` of `@amplify-discovery/core` finds fault with.
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
  const afterMount = mount.length + 1;
  const stageEnd = hasStage ? findSegmentEnd(target, afterMount) : afterMount - 1;
  const stage = hasStage ? target.slice(afterMount, stageEnd) : undefined;
  const serviceEnd = findSegmentEnd(target, stageEnd + 1);
  const service = target.slice(stageEnd + 1, serviceEnd);
  if (!isName(service) || (hasStage && (!isName(stage) || target[stageEnd] !== '/'))) {
    const form = `${mount}${hasStage ? '/{stage}' : ''}/{service}/{path}`;
    return { code: 'InvalidPath', message: `Paths have the form ${form}, with names of [A-Za-z0-9._-].` };
  }
  const path = target.slice(serviceEnd);
  const fault = findPathFault(path);
  if (fault) return { code: 'InvalidPath', message: `The path below the service ${fault}.` };
  return { stage, service, path, prefix: target.slice(0, serviceEnd) };
}

function findSegmentEnd(target: string, from: number): number {
  for (let index = from; index < target.length; index++)
    if (target[index] === '/' || target[index] === '?') return index;
  return target.length;
}

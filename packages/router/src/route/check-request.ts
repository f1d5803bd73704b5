import { answerError, type ErrorAnswer } from './answer-error.ts';
import { findHeaders } from './header-list.ts';
import type { RouterRequest } from './router-request.ts';

/** What a router accepts. */
export interface RequestLimits {
  /** @default GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE */
  readonly methods: readonly string[];
  /** @default 10 MiB */
  readonly maximumBodyBytes: number;
  /** Names and values together. @default 16 KiB */
  readonly maximumHeaderBytes: number;
  /** @default 100 */
  readonly maximumHeaders: number;
}

/** The same limits as options. */
export type LimitOptions = { readonly [K in keyof RequestLimits]?: RequestLimits[K] | undefined };

/** The limits with their defaults. */
export function resolveLimits({
  methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'],
  maximumBodyBytes = 10 * 1024 * 1024,
  maximumHeaderBytes = 16 * 1024,
  maximumHeaders = 100,
}: LimitOptions): RequestLimits {
  return { methods, maximumBodyBytes, maximumHeaderBytes, maximumHeaders };
}

/** The answer to a request that no endpoint may see, whatever its path; undefined for others. */
export function checkRequest(
  request: RouterRequest,
  routerName: string,
  limits: RequestLimits,
): ErrorAnswer | undefined {
  const { methods, maximumBodyBytes, maximumHeaderBytes, maximumHeaders } = limits;
  const { method, headers, body } = request;
  if (!methods.includes(method)) return answerMethodNotAllowed(methods);
  let bytes = 0;
  for (const text of headers) bytes += text.length;
  if (headers.length > 2 * maximumHeaders || bytes > maximumHeaderBytes)
    return answerError('HeadersTooLarge', `At most ${maximumHeaders} headers of ${maximumHeaderBytes} bytes together.`);
  if (findHeaders(headers, 'host').length > 1 || findHeaders(headers, 'content-length').length > 1)
    return answerError('InvalidRequest', 'Host and Content-Length may occur once.');
  if ((body?.length ?? 0) > maximumBodyBytes) return answerBodyTooLarge(maximumBodyBytes);
  if (findHeaders(headers, 'via').some((value) => namesRouter(value, routerName)))
    return answerError('LoopDetected', 'This request has passed this router before: an endpoint leads back to it.');
  return undefined;
}

/** Also for a body that turns out to be too large while it arrives. */
export function answerBodyTooLarge(maximumBodyBytes: number): ErrorAnswer {
  return answerError('BodyTooLarge', `A body has at most ${maximumBodyBytes} bytes.`);
}

/** Also for CONNECT, for which node:http has an event of its own. */
export function answerMethodNotAllowed(methods: readonly string[]): ErrorAnswer {
  const allowed = methods.join(', ');
  return answerError('MethodNotAllowed', `Use one of the methods ${allowed}.`, {}, ['allow', allowed]);
}

/** Whether a proxy of this name is among those that Via lists, RFC 9110 §7.6.3. */
function namesRouter(via: string, routerName: string): boolean {
  return via.split(',').some((entry) => entry.trim().split(/\s+/)[1] === routerName);
}

import { answerError } from './answer-error.ts';
import type { Header, RouterAnswer, RouterRequest } from './router-request.ts';

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

/** The limits with their defaults. */
export function resolveLimits(limits: {
  readonly [K in keyof RequestLimits]?: RequestLimits[K] | undefined;
}): RequestLimits {
  const {
    methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'],
    maximumBodyBytes = 10 * 1024 * 1024,
    maximumHeaderBytes = 16 * 1024,
    maximumHeaders = 100,
  } = limits;
  return { methods, maximumBodyBytes, maximumHeaderBytes, maximumHeaders };
}

/** The answer to a request that no endpoint shall see, whatever its path; undefined for others. */
export function checkRequest(
  request: RouterRequest,
  limits: { readonly [K in keyof RequestLimits]?: RequestLimits[K] | undefined },
): RouterAnswer | undefined {
  const { methods, maximumBodyBytes, maximumHeaderBytes, maximumHeaders } = resolveLimits(limits);
  const { method, headers, body } = request;
  if (!methods.includes(method)) {
    return answerError('MethodNotAllowed', `Methods are ${methods.join(', ')}.`, {}, [['allow', methods.join(', ')]]);
  }
  const bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (headers.length > maximumHeaders || bytes > maximumHeaderBytes) {
    return answerError('HeadersTooLarge', `At most ${maximumHeaders} headers of ${maximumHeaderBytes} bytes together.`);
  }
  if (countHeader(headers, 'host') > 1 || countHeader(headers, 'content-length') > 1) {
    return answerError('InvalidRequest', 'Host and Content-Length may come once.');
  }
  if ((body?.length ?? 0) > maximumBodyBytes) return answerBodyTooLarge(maximumBodyBytes);
  return undefined;
}

export function answerBodyTooLarge(maximumBodyBytes: number): RouterAnswer {
  return answerError('BodyTooLarge', `A body has at most ${maximumBodyBytes} bytes.`);
}

function countHeader(headers: readonly Header[], wanted: string): number {
  return headers.filter(([name]) => name.toLowerCase() === wanted).length;
}

import type { HeaderList } from './header-list.ts';

const statusOf = {
  InvalidRequest: 400,
  InvalidPath: 400,
  StageNotAllowed: 400,
  ServiceNotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  BodyTooLarge: 413,
  PathTooLong: 414,
  HeadersTooLarge: 431,
  InternalError: 500,
  UntrustedEndpoint: 502,
  InvalidRecord: 502,
  EndpointNotHttp: 502,
  CredentialsMissing: 502,
  EndpointUnreachable: 502,
  AnswerInvalid: 502,
  AnswerTooLarge: 502,
  RegistryUnavailable: 503,
  RouterBusy: 503,
  EndpointTimeout: 504,
  LoopDetected: 508,
} as const;

/** Why the router answers itself instead of the endpoint. Part of the public contract: codes are added, never renamed. */
export type RouterErrorCode = keyof typeof statusOf;

/** What an error is about, as far as the caller may know: never a target. */
export interface RouterErrorDetails {
  readonly service?: string | undefined;
  readonly stage?: string | undefined;
  readonly suggestions?: readonly string[] | undefined;
}

/** An answer of the router's own. */
export interface ErrorAnswer {
  readonly code: RouterErrorCode;
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

/** The JSON answer for an error: `{ code, message, service?, stage?, suggestions? }`. */
export function answerError(
  code: RouterErrorCode,
  message: string,
  details: RouterErrorDetails = {},
  headers: HeaderList = [],
): ErrorAnswer {
  const body = Buffer.from(`${JSON.stringify({ code, message, ...details })}\n`);
  return {
    code,
    status: statusOf[code],
    headers: [
      'content-type',
      'application/json',
      'content-length',
      `${body.length}`,
      'cache-control',
      'no-store',
      'x-content-type-options',
      'nosniff',
      ...headers,
    ],
    body,
  };
}

import { DiscoveryError, isDiscoveryError, raceAbort, readBytes, throwIfAborted } from '@amplify-discovery/core';
import { findFetchFailure } from '@amplify-discovery/registry';

export interface TextRequest {
  /** The system, for messages: `consul:http://127.0.0.1:8500`. */
  readonly name: string;
  readonly stage?: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly url: string;
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @default none */
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** Statuses that are answers, not failures. @default every 2xx */
  readonly accepts?: ((status: number) => boolean) | undefined;
}

export interface TextAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** More than any of these systems holds; a server that goes on for ever must not fill the memory. */
const maximumBytes = 2 ** 26;

/**
 * Asks another system over HTTP, redirects refused.
 *
 * @throws DiscoveryError `RegistryDenied` for 401 and 403, else `RegistryUnavailable`, naming system and stage; the signal's
 * reason when it aborts.
 */
export async function requestText(request: TextRequest): Promise<TextAnswer> {
  const { name, stage, fetch, url, method = 'GET', headers, body, signal, timeoutMs = 5000 } = request;
  const { accepts = (status: number) => status >= 200 && status < 300 } = request;
  const fail = (
    found: string,
    code: 'RegistryUnavailable' | 'RegistryDenied' = 'RegistryUnavailable',
    cause?: unknown,
  ) => new DiscoveryError(code, `${stage === undefined ? '' : `"${stage}" in `}${name}: ${found}`, { stage, cause });
  throwIfAborted(signal);
  const limit = AbortSignal.timeout(timeoutMs);
  const exchange = async (): Promise<TextAnswer> => {
    const response = await fetch(url, {
      method,
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
      redirect: 'error',
      signal: AbortSignal.any([signal, limit]),
    });
    const bytes = await readBytes(response.body, maximumBytes);
    if (!bytes) throw fail(`the answer has more than ${maximumBytes / 2 ** 20} MB`);
    const text = new TextDecoder().decode(bytes);
    if (accepts(response.status)) return { status: response.status, headers: response.headers, text };
    const isDenied = response.status === 401 || response.status === 403;
    throw fail(`HTTP ${response.status} ${text.slice(0, 200)}`.trim(), isDenied ? 'RegistryDenied' : undefined);
  };
  try {
    return await raceAbort(exchange(), signal);
  } catch (error) {
    throwIfAborted(signal);
    if (isDiscoveryError(error)) throw error;
    const found = limit.aborted ? `no answer in ${timeoutMs} ms` : findFetchFailure(error as Error).message;
    throw fail(found, undefined, error);
  }
}

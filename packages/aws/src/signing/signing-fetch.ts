import { createSigningClock, DiscoveryError } from '@amplify-discovery/core';
import type { AwsCredentials } from './aws-credentials.ts';
import { signRequest } from './sign-request.ts';

export interface SigningFetchOptions {
  /** `appsync`, `s3`, `kms` … */
  readonly service: string;
  readonly region: string;
  /** The credentials, or how to get the ones that are valid now: asked before each request. */
  readonly credentials: AwsCredentials | (() => Promise<AwsCredentials>);
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Makes a fetch that signs each request with SigV4. Bodies are text or bytes. Redirects are refused unless the request says
 * otherwise, because fetch would carry a session token along. A request that is refused while this machine's clock is
 * wrong goes out once more, signed at the time of the refusal, and so do those after it.
 */
export function signingFetch(options: SigningFetchOptions): typeof globalThis.fetch {
  const { service, region, credentials, fetch = globalThis.fetch, now } = options;
  const clock = createSigningClock(now);
  return async (input, init = {}) => {
    if (input instanceof Request) throw new DiscoveryError('InvalidOptions', 'signingFetch takes a URL, not a Request');
    async function send(): Promise<Response> {
      const headers = await signRequest({
        method: init.method ?? 'GET',
        url: input.toString(),
        headers: new Headers(init.headers),
        body: init.body as string | Uint8Array | undefined,
        service,
        region,
        credentials: typeof credentials === 'function' ? await credentials() : credentials,
        time: clock.now(),
      });
      return fetch(input, { redirect: 'error', ...init, headers });
    }
    const answer = await send();
    if (!clock.correct(answer)) return answer;
    await answer.body?.cancel();
    return send();
  };
}

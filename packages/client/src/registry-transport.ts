import { createSigningClock, DiscoveryError, type RegistryConfig } from '@amplify-discovery/core';
import { httpTransport, type GraphqlTransport } from '@amplify-discovery/registry';
import type { AmplifyContext } from 'aws-amplify';
import type { AmplifyParts } from './amplify-parts.ts';

/**
 * The transport that reads a registry as its configuration says. `getContext` is called for each request, so that the
 * registry sees whoever is signed in then.
 */
export function registryTransport(
  { url, region = '', auth }: RegistryConfig,
  { signRequest, getContext }: Pick<AmplifyParts, 'signRequest'> & { readonly getContext: () => AmplifyContext },
): GraphqlTransport {
  if (auth.mode === 'apiKey') return httpTransport({ url, headers: { 'x-api-key': auth.apiKey } });
  const clock = createSigningClock();
  return async (request) => {
    const { tokens, credentials } = await getContext().fetchAuthSession();
    if (auth.mode === 'userPool' && tokens) {
      return httpTransport({ url, headers: { authorization: `${tokens.accessToken}` } })(request);
    }
    if (auth.mode === 'userPool' || !credentials) {
      throw new DiscoveryError(
        'CredentialsMissing',
        `The registry is read with ${auth.mode}, and there are no credentials`,
      );
    }

    /** A request of `httpTransport`, signed for the time that it is sent at. */
    function send(init: RequestInit | undefined): Promise<Response> {
      const signed = signRequest(
        {
          method: 'POST',
          url: new URL(url),
          headers: init?.headers as Record<string, string>,
          body: init?.body as string,
        },
        {
          credentials: credentials!,
          signingDate: new Date(clock.now()),
          signingRegion: region,
          signingService: 'appsync',
        },
      );
      const { host: _, ...headers } = signed.headers;
      return fetch(url, { ...init, headers });
    }

    const signingFetch: typeof fetch = async (_url, init) => {
      const answer = await send(init);
      return clock.correct(answer) ? send(init) : answer;
    };
    return httpTransport({ url, headers: {}, fetch: signingFetch })(request);
  };
}

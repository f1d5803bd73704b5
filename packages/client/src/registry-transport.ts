import { DiscoveryError, type RegistryConfig, type SigningClock } from '@amplify-discovery/core';
import { httpTransport, type GraphqlTransport } from '@amplify-discovery/registry';
import type { AmplifyContext } from 'aws-amplify';
import type { AmplifyParts } from './amplify-parts.ts';

export interface AccessOptions extends Pick<AmplifyParts, 'signRequest'> {
  readonly getContext: () => AmplifyContext;
  readonly clock: SigningClock;
}

/** How a registry is read. */
export interface RegistryAccess {
  readonly transport: GraphqlTransport;
  /** Gives the headers that prove who is asking, the host among them, for a POST of this body to this URL. */
  readonly authorize: (url: string, body: string, headers?: Record<string, string>) => Promise<Record<string, string>>;
}

/**
 * Access to a registry as its configuration says. `getContext` is called for each request, so that the registry sees whoever is
 * signed in then.
 */
export function accessRegistry(
  { url: registryUrl, region = '', auth }: RegistryConfig,
  { signRequest, getContext, clock }: AccessOptions,
): RegistryAccess {
  const authorize: RegistryAccess['authorize'] = async (text, body, headers = {}) => {
    const url = new URL(text);
    const { host } = url;
    if (auth.mode === 'apiKey') return { ...headers, host, 'x-api-key': auth.apiKey };
    const { tokens, credentials } = await getContext().fetchAuthSession();
    // Written as AppSync's documents and Amplify's clients do, since in a subscription it is a field of JSON.
    if (auth.mode === 'userPool' && tokens) return { ...headers, host, Authorization: `${tokens.accessToken}` };
    if (auth.mode === 'userPool' || !credentials) {
      throw new DiscoveryError(
        'CredentialsMissing',
        `The registry is read with ${auth.mode}, and there are no credentials`,
      );
    }
    return signRequest(
      { method: 'POST', url, headers, body },
      {
        credentials,
        // The time that it is sent at.
        signingDate: new Date(clock.now()),
        signingRegion: region,
        signingService: 'appsync',
      },
    ).headers;
  };

  /** A request of `httpTransport`. */
  const send: typeof fetch = async (_url, init) => {
    const { host: _, ...headers } = await authorize(
      registryUrl,
      init?.body as string,
      init?.headers as Record<string, string>,
    );
    return fetch(registryUrl, { ...init, headers });
  };
  const sendAgain: typeof fetch = async (url, init) => {
    const answer = await send(url, init);
    return auth.mode === 'iam' && clock.correct(answer) ? send(url, init) : answer;
  };
  return { transport: httpTransport({ url: registryUrl, headers: {}, fetch: sendAgain }), authorize };
}

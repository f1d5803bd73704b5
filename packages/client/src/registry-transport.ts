import { createSigningClock, DiscoveryError, type RegistryConfig } from '@amplify-discovery/core';
import { httpTransport, type GraphqlTransport } from '@amplify-discovery/registry';
import type { AmplifyContext } from 'aws-amplify';
import type { AmplifyParts } from './amplify-parts.ts';
import type { RestOptions } from './service-call.ts';

const noCredentials = 'The registry wants somebody signed in';

/**
 * The transport that reads a registry as its configuration says. `getContext` is asked at each request, so that the
 * registry sees whoever is signed in then.
 */
export function registryTransport(
  { url, region = '', auth }: RegistryConfig,
  { post, getContext }: Pick<AmplifyParts, 'post'> & { readonly getContext: () => AmplifyContext },
): GraphqlTransport {
  const read = (headers: Record<string, string>): GraphqlTransport => httpTransport({ url, headers });
  if (auth.mode === 'apiKey') return read({ 'x-api-key': auth.apiKey });
  if (auth.mode === 'userPool') {
    return async (request) => {
      const { tokens } = await getContext().fetchAuthSession();
      if (!tokens) throw new DiscoveryError('CredentialsMissing', noCredentials);
      return read({ authorization: `${tokens.accessToken}` })(request);
    };
  }
  const clock = createSigningClock();
  return async ({ query, variables, signal }) => {
    const context = getContext();
    const session = await context.fetchAuthSession();
    if (!session.credentials) throw new DiscoveryError('CredentialsMissing', noCredentials);
    const registry = { endpoint: url, region, service: 'appsync' };
    const narrowed = Object.create(context, {
      resourcesConfig: { value: { API: { REST: { registry } } } },
      libraryOptions: { value: {} },
      fetchAuthSession: { value: async () => session },
    }) as AmplifyContext;
    const options = { body: { query, variables } as never, retryStrategy: { strategy: 'no-retry' } } as const;

    async function send(sent: RestOptions): Promise<Refusal | { readonly status: number; readonly body: unknown }> {
      const operation = post(narrowed, { apiName: 'registry', path: '', options: sent });
      signal.addEventListener('abort', () => operation.cancel());
      try {
        const { statusCode, body } = await operation.response;
        return { status: statusCode, body: await body.json() };
      } catch (error) {
        const { response } = error as { response?: { statusCode: number; headers: HeadersInit; body?: string } };
        if (!response) throw error;
        const { statusCode, headers, body } = response;
        return { status: statusCode, headers: new Headers(headers), body: parseJson(body) };
      }
    }

    const answer = await send(options);
    if (!('headers' in answer) || signal.aborted || !clock.correct(answer)) return answer;
    // As Amplify does, once: with a signature by the registry's clock.
    const { signByClock } = await import('./sign-by-clock.ts');
    return send(await signByClock({ context: narrowed, path: '', options }, 'registry', 'POST', clock.now()));
  };
}

interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What a refusal says is passed on, for one, because it may be about this machine's clock. */
function parseJson(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { DiscoveryError, type RegistryConfig } from '@amplify-discovery/core';
import { httpTransport, type GraphqlTransport } from '@amplify-discovery/registry';
import type { AmplifyContext } from 'aws-amplify';
import { post } from 'aws-amplify/api';

const noCredentials = 'The registry wants somebody signed in';

/**
 * The transport that reads a registry as its configuration says. `getContext` is asked at each request, so that the
 * registry sees whoever is signed in then.
 */
export function registryTransport(
  { url, region = '', auth }: RegistryConfig,
  getContext: () => AmplifyContext,
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
  return async ({ query, variables, signal }) => {
    const context = getContext();
    const session = await context.fetchAuthSession();
    if (!session.credentials) throw new DiscoveryError('CredentialsMissing', noCredentials);
    const registry = { endpoint: url, region, service: 'appsync' };
    const operation = post(
      Object.create(context, {
        resourcesConfig: { value: { API: { REST: { registry } } } },
        libraryOptions: { value: {} },
        fetchAuthSession: { value: async () => session },
      }) as AmplifyContext,
      {
        apiName: 'registry',
        path: '',
        options: { body: { query, variables } as never, retryStrategy: { strategy: 'no-retry' } },
      },
    );
    signal.addEventListener('abort', () => operation.cancel());
    try {
      const { statusCode, body } = await operation.response;
      return { status: statusCode, body: await body.json() };
    } catch (error) {
      const { response } = error as { response?: { statusCode: number; body?: string } };
      if (!response) throw error;
      return { status: response.statusCode, body: parseJson(response.body) };
    }
  };
}

/** What a refusal says is passed on, for one, because it may be about this machine's clock. */
function parseJson(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

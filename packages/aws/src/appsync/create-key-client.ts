import { DiscoveryError, followPages } from '@amplify-discovery/core';
import { findAwsDomain } from '../apis/find-aws-domain.ts';

/** An API key as AppSync lists it. */
export interface ApiKey {
  /** The key itself, as callers send it. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly description?: string | undefined;
}

export interface KeyClientOptions {
  readonly region: string;
  /** Signs for `appsync`. */
  readonly fetch: typeof globalThis.fetch;
  /** @default AppSync's own in the region */
  readonly endpoint?: string | undefined;
}

/** What AppSync has to do with API keys. Each operation throws DiscoveryError `RegistryDenied` or `RegistryUnavailable`. */
export interface KeyClient {
  /** The id of the GraphQL API of this account that answers at the URL. */
  findApiId(url: string): Promise<string | undefined>;
  listKeys(apiId: string): Promise<readonly ApiKey[]>;
  /** Puts off when a key expires, in seconds since the epoch. It stays the same key. */
  extendKey(apiId: string, key: ApiKey, expires: number): Promise<ApiKey>;
}

interface Page {
  readonly nextToken?: string | null;
  readonly graphqlApis?: readonly { readonly apiId: string; readonly uris?: Readonly<Record<string, string>> }[];
  readonly apiKeys?: readonly ApiKey[];
}

/**
 * Asks AppSync's control plane about API keys, without the AWS SDK.
 * https://docs.aws.amazon.com/appsync/latest/APIReference/API_UpdateApiKey.html
 */
export function createKeyClient({ region, fetch, endpoint }: KeyClientOptions): KeyClient {
  const root = `${endpoint ?? `https://appsync.${findAwsDomain(region)}`}/v1/apis`;
  const keysOf = (apiId: string) => `${root}/${encodeURIComponent(apiId)}/apikeys`;

  async function call<T>(what: string, url: string, init?: RequestInit): Promise<T> {
    const response = await fetch(url, init).catch((cause: unknown) => {
      throw new DiscoveryError('RegistryUnavailable', `${what}: AppSync did not answer`, { cause });
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    const code = response.status === 401 || response.status === 403 ? 'RegistryDenied' : 'RegistryUnavailable';
    throw new DiscoveryError(code, `${what}: AppSync answered HTTP ${response.status}, ${text.slice(0, 500)}`);
  }

  async function list<T>(what: string, url: string, getItems: (page: Page) => readonly T[] | undefined): Promise<T[]> {
    const items: T[] = [];
    await followPages({ what: `${what}: the list` }, async (token) => {
      const page: Page = await call(what, token === null ? url : `${url}?nextToken=${encodeURIComponent(token)}`);
      items.push(...(getItems(page) ?? []));
      return page.nextToken;
    });
    return items;
  }

  return {
    async findApiId(url) {
      const apis = await list('The APIs could not be listed', root, ({ graphqlApis }) => graphqlApis);
      return apis.find(({ uris }) => uris?.GRAPHQL === url)?.apiId;
    },
    listKeys: (apiId) => list(`The API keys of ${apiId} could not be listed`, keysOf(apiId), ({ apiKeys }) => apiKeys),
    async extendKey(apiId, { id, description }, expires) {
      const { apiKey } = await call<{ apiKey: ApiKey }>(
        `API key ${nameKey(id)} could not be renewed`,
        `${keysOf(apiId)}/${encodeURIComponent(id)}`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          // A description that is left out may be taken for an empty one.
          body: JSON.stringify({ expires, description }),
        },
      );
      return apiKey;
    },
  };
}

/** Enough to tell keys apart, and no key: logs are read by more people than may read the registry. */
export function nameKey(id: string): string {
  return `${id.slice(0, 8)}…`;
}

import { DiscoveryError } from '@amplify-discovery/core';

const maximumPages = 10_000;

/** Reads page after page, each by the token that the one before it gave, until there is no more. */
export async function followPages(readPage: (nextToken: string | null) => Promise<string | null>): Promise<void> {
  let nextToken: string | null = null;
  for (let page = 0; page < maximumPages; page++) {
    const next = await readPage(nextToken);
    if (!next) return;
    if (next === nextToken) break;
    nextToken = next;
  }
  throw new DiscoveryError('RegistryUnavailable', 'The registry gives pages without an end');
}

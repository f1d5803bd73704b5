import { DiscoveryError } from './discovery-error.ts';

/** Far more than any system has that is read here. */
const maximumPages = 10_000;

/** What is read, for the error. */
export interface PagedList {
  /** `"dev" in cloud-map:apps: ListServices` */
  readonly what: string;
  readonly stage?: string | undefined;
}

/**
 * Reads page after page, each by the token that the one before it gave, until a page gives none. A server that gives a token
 * again would otherwise be read for as long as the caller waits, into a list that grows all the time.
 *
 * @throws DiscoveryError `RegistryUnavailable` for a token that was given before, and after 10,000 pages.
 */
export async function followPages(
  { what, stage }: PagedList,
  readPage: (token: string | null) => Promise<string | null | undefined>,
): Promise<void> {
  const seen = new Set<string>();
  let token: string | null = null;
  while (seen.size < maximumPages) {
    const next = await readPage(token);
    if (!next) return;
    if (seen.has(next)) break;
    seen.add(next);
    token = next;
  }
  throw new DiscoveryError('RegistryUnavailable', `${what} has pages without an end`, { stage });
}

import type { Endpoint } from '@amplify-discovery/core';

/** An entry of `API.REST` in Amplify's configuration. */
export interface RestEntry {
  readonly endpoint: string;
  readonly region?: string;
  readonly service?: string;
  /** Where the entry comes from, if the app didn't write it. Amplify ignores it. */
  readonly origin?: string;
}

/** `discovered`: found by discovery. `generated`: from a file that a tool wrote. `own`: the app's, which wins over both. */
export type EntryOrigin = 'discovered' | 'generated' | 'own';

/** What Amplify needs to call and to sign for an endpoint; undefined for what no REST call reaches. */
export function toRestEntry(endpoint: Endpoint, registryRegion: string | undefined): RestEntry | undefined {
  if (!/^(rest|http|graphql)$/.test(endpoint.kind)) return undefined;
  const { target, region = registryRegion, signingService } = endpoint;
  return markEntry('discovered', {
    endpoint: target,
    ...(region && { region }),
    ...(signingService && { service: signingService }),
  });
}

/** The entry with a mark that says where it comes from. */
export function markEntry(origin: Exclude<EntryOrigin, 'own'>, entry: RestEntry): RestEntry {
  return { ...entry, origin: writeMark(origin, entry) };
}

/** Amplify freezes what it is configured with, so this can be remembered. */
const origins = new WeakMap<RestEntry, EntryOrigin>();

/** Where an entry comes from: `own` unless its mark says otherwise. */
export function findOrigin(entry: RestEntry): EntryOrigin {
  const known = origins.get(entry);
  if (known) return known;
  const origin =
    (['discovered', 'generated'] as const).find((name) => entry.origin === writeMark(name, entry)) ?? 'own';
  if (Object.isFrozen(entry)) origins.set(entry, origin);
  return origin;
}

/**
 * The mark is text, so that it survives JSON, structured cloning and a second copy of this package. It repeats the entry, so that
 * one which the app has copied and changed is the app's own.
 */
function writeMark(origin: string, { endpoint, region, service }: RestEntry): string {
  return `amplify-discovery ${origin}\n${endpoint}\n${region}\n${service}`;
}

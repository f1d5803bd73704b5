import type { Endpoint } from '@amplify-discovery/core';

/** An entry of `API.REST` in Amplify's configuration. */
export interface RestEntry {
  readonly endpoint: string;
  readonly region?: string;
  readonly service?: string;
}

/** Marks entries that discovery made, so that they are not taken for the app's own, which win over it. */
const discovered = Symbol.for('amplify-discovery.discovered');

/** What Amplify needs to call and to sign for an endpoint; undefined for what no REST call reaches. */
export function toRestEntry(endpoint: Endpoint, registryRegion: string | undefined): RestEntry | undefined {
  if (!/^(rest|http|graphql)$/.test(endpoint.kind)) return undefined;
  const { target, region = registryRegion, signingService } = endpoint;
  const entry = { endpoint: target, ...(region && { region }), ...(signingService && { service: signingService }) };
  return Object.defineProperty(entry, discovered, { value: true });
}

/** Tells whether the app listed this entry itself. */
export function isOwnEntry(entry: RestEntry | undefined): entry is RestEntry {
  return !!entry && !(discovered in entry);
}

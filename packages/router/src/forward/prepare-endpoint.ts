import { DiscoveryError, type Endpoint, type FindTrust, type Trust } from '@amplify-discovery/core';

/** What each request needs to know of its endpoint. */
export interface PreparedEndpoint {
  readonly endpoint: Endpoint;
  readonly trust: Trust;
  readonly origin: string;
  /** Without a slash at the end. */
  readonly basePath: string;
}

/**
 * Makes a function that prepares an endpoint, and remembers it for as long as its snapshot lives. Paths are only appended to an
 * origin that is trusted, so the decision holds for every URL below it.
 */
export function createPreparation(): (endpoint: Endpoint, findTrust: FindTrust) => PreparedEndpoint {
  const known = new WeakMap<Endpoint, PreparedEndpoint>();
  return (endpoint, findTrust) => {
    const before = known.get(endpoint);
    if (before) return before;
    const { service, stage, target } = endpoint;
    const { origin, pathname } = new URL(target);
    const trust = findTrust(target);
    if (!trust) {
      const what = `"${service}" in "${stage}" is at ${origin}, which is not trusted`;
      throw new DiscoveryError('UntrustedEndpoint', what, { service, stage });
    }
    const prepared = { endpoint, trust, origin, basePath: pathname.replace(/\/+$/, '') };
    known.set(endpoint, prepared);
    return prepared;
  };
}

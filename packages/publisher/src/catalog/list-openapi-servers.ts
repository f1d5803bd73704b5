import type { Endpoint } from '@amplify-discovery/core';

/** A server object of OpenAPI 3. */
export interface OpenApiServer {
  readonly url: string;
  readonly description: string;
}

/** The servers of a service, for the `servers` of its OpenAPI description: those of the lowest priority number first. */
export function listOpenApiServers(endpoints: readonly Endpoint[], service: string): readonly OpenApiServer[] {
  const servers = new Map<string, OpenApiServer>();
  const own = endpoints.filter((endpoint) => endpoint.service === service && endpoint.target.startsWith('https:'));
  for (const endpoint of own.sort((left, right) => left.priority - right.priority)) {
    const { target, stage, id, version } = endpoint;
    const description = [stage, ...(id === 'default' ? [] : [id]), ...(version ? [version] : [])].join(', ');
    if (!servers.has(target)) servers.set(target, { url: target, description });
  }
  return [...servers.values()];
}

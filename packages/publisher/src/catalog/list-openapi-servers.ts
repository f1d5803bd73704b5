import { rankEndpoint, type Endpoint, type Ranking } from '@amplify-discovery/core';

/** A server object of OpenAPI 3. */
export interface OpenApiServer {
  readonly url: string;
  readonly description: string;
}

/** The servers of a service, for the `servers` of its OpenAPI description, in the order in which a reader would call them. */
export function listOpenApiServers(
  endpoints: readonly Endpoint[],
  service: string,
  ranking?: Pick<Ranking, 'prefer'>,
): readonly OpenApiServer[] {
  const servers = new Map<string, OpenApiServer>();
  const own = endpoints.filter((endpoint) => endpoint.service === service && endpoint.target.startsWith('https:'));
  for (const endpoint of own.sort((left, right) => rankEndpoint(left, ranking) - rankEndpoint(right, ranking))) {
    const { target, stage, id, version } = endpoint;
    const description = [stage, ...(id === 'default' ? [] : [id]), ...(version ? [version] : [])].join(', ');
    if (!servers.has(target)) servers.set(target, { url: target, description });
  }
  return [...servers.values()];
}

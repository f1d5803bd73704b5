import type { Endpoint } from '@amplify-discovery/core';
import { createFacade } from '../facade/create-facade.ts';
import type { CreateFacade } from '../facade/facade.ts';
import { groupByPriority } from '../facade/group-by-priority.ts';

/**
 * Answers what Traefik's HTTP provider asks: a service, a router and a middleware for each service. `GET /traefik`; `?stage=`
 * names another of the view's stages. Requests go by path, `/orders/…` to `orders` without the prefix, or by a rule of the
 * caller's: `?rule=Host(`{service}.example.com`)`, where `{service}` stands for the name; then the path stays as it is.
 *
 * Traefik 3.2 or newer: a target may have a path of its own, which older ones don't keep. Traefik changes to another priority
 * only by health checks, so that only the first one serves.
 *
 * https://doc.traefik.io/traefik/providers/http/
 *
 * @example
 * ```ts
 * const facade = createTraefikFacade(view);
 * const configuration = await (await facade(new Request('http://127.0.0.1/traefik'))).json();
 * ```
 */
export const createTraefikFacade: CreateFacade = (view, options = {}) =>
  createFacade(view, options, async ({ method, path, query, readSnapshot, skip }) => {
    if (method !== 'GET' || path !== '/traefik') return undefined;
    const { services } = await readSnapshot(query.get('stage') ?? undefined);
    const rule = query.get('rule');
    if (rule !== null && !rule.includes('{service}'))
      return new Response('The rule has no {service}: all routers would have the same.\n', { status: 400 });
    for (const group of services.values())
      for (const endpoint of group)
        if (endpoint.priority !== group[0]?.priority)
          skip(endpoint, 'Traefik has no second priority without health checks');
    // Traefik refuses an empty map, and takes an empty configuration for one that removes everything.
    if (services.size === 0) return Response.json({});
    const names = [...services.keys()];
    const map = (render: (service: string) => object) =>
      Object.fromEntries(names.map((service) => [service, render(service)]));
    return Response.json({
      http: {
        routers: map((service) =>
          rule === null
            ? { rule: `Path(\`/${service}\`) || PathPrefix(\`/${service}/\`)`, service, middlewares: [service] }
            : { rule: rule.replaceAll('{service}', () => service), service },
        ),
        ...(rule === null && { middlewares: map((service) => ({ stripPrefix: { prefixes: [`/${service}`] } })) }),
        services: map((service) => describeService(services.get(service) ?? [])),
      },
    });
  });

function describeService(endpoints: readonly Endpoint[]): object {
  const [first = []] = groupByPriority(endpoints);
  const servers = first.map(({ endpoint: { target }, weight }) => ({
    // It speaks WebSocket to http and https URLs.
    url: target.replace(/^ws/, 'http'),
    weight,
    preservePath: true,
  }));
  return { loadBalancer: { servers, passHostHeader: false } };
}

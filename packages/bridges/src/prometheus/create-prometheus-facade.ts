import type { Endpoint } from '@amplify-discovery/core';
import { createFacade } from '../facade/create-facade.ts';
import type { CreateFacade } from '../facade/facade.ts';

/**
 * Answers what Prometheus's `http_sd_configs` asks: every endpoint of the stage with an HTTP URL is a target, scraped at
 * `/metrics` below it unless the scrape's own relabelling says otherwise. `GET /prometheus`; `?stage=` names another of the view's
 * stages, `?service=` limits the answer, and may be repeated.
 *
 * https://prometheus.io/docs/prometheus/latest/http_sd/
 *
 * @example
 * ```ts
 * const facade = createPrometheusFacade(view);
 * const targets = await (await facade(new Request('http://127.0.0.1/prometheus'))).json();
 * ```
 */
export const createPrometheusFacade: CreateFacade = (view, options = {}) =>
  createFacade(view, options, async ({ method, path, query, readSnapshot, skip }) => {
    if (method !== 'GET' || path !== '/prometheus') return undefined;
    const { endpoints } = await readSnapshot(query.get('stage') ?? undefined);
    const services = query.getAll('service');
    const wanted = endpoints.filter(({ service }) => services.length === 0 || services.includes(service));
    const groups = wanted.flatMap((endpoint) => {
      if (endpoint.target.startsWith('http')) return [describeTarget(endpoint)];
      skip(endpoint, `Prometheus can't scrape ${endpoint.target}`);
      return [];
    });
    return Response.json(groups);
  });

function describeTarget(endpoint: Endpoint): object {
  const { stage, service, id, kind, target, region, version, tenant, metadata = {} } = endpoint;
  const { protocol, hostname, port, pathname } = new URL(target);
  const labels = new Map([
    ['__scheme__', protocol.slice(0, -1)],
    ['__metrics_path__', `${pathname.replace(/\/$/, '')}/metrics`],
  ]);
  for (const [name, value] of Object.entries({ stage, service, id, kind, region, version, tenant }))
    if (value !== undefined) labels.set(`__meta_discovery_${name}`, value);
  for (const [name, value] of Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const label = `__meta_discovery_metadata_${name.replace(/\W/g, '_')}`;
    // Of two names that only differ in other characters, the first has the label.
    if (!labels.has(label)) labels.set(label, value);
  }
  return {
    targets: [`${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`],
    labels: Object.fromEntries(labels),
  };
}

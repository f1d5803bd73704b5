import { createHash } from 'node:crypto';
import { lookup as lookUp } from 'node:dns/promises';
import { isName } from '@amplify-discovery/core';
import { createFacade, type FacadeCall } from '../facade/create-facade.ts';
import type { Facade, FacadeOptions } from '../facade/facade.ts';
import type { FacadeSnapshot, FacadeView } from '../facade/create-facade-view.ts';
import { createAddressBook } from './create-address-book.ts';
import { planCluster, type ClusterPlan } from './plan-cluster.ts';
import { renderAssignment, renderCluster, renderRoutes } from './render-resources.ts';

export interface EnvoyFacadeOptions extends FacadeOptions {
  /** The certificates that Envoy trusts, a file on its machine. @default Debian's, which Envoy's images have */
  readonly trustedCaFile?: string | undefined;
  /** Finds the addresses of a host, for EDS. @default the system's resolver */
  readonly lookup?: ((hostname: string) => Promise<readonly string[]>) | undefined;
}

/** An Envoy asks for one for each of its listeners. */
const maximumRouteNames = 100;

const types = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
} as const;

/**
 * Answers Envoy's discovery by REST (xDS v3): CDS has a cluster for each service, with endpoints, weights, priorities and TLS;
 * EDS the endpoints alone, by address, for clusters that one writes oneself; RDS routes `/orders/…` to the cluster `orders`, with
 * the path of its target. `POST /v3/discovery:clusters`, `:endpoints`, `:routes`; `stage` in the node's metadata names another of
 * the view's stages.
 *
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#rest-json-polling-subscriptions
 *
 * @example
 * ```ts
 * const facade = createEnvoyFacade(view);
 * const request = new Request('http://127.0.0.1/v3/discovery:clusters', { method: 'POST', body: '{}' });
 * const { version_info, resources } = await (await facade(request)).json();
 * ```
 */
export function createEnvoyFacade(view: FacadeView, options: EnvoyFacadeOptions = {}): Facade {
  const { trustedCaFile = '/etc/ssl/certs/ca-certificates.crt', lookup = findAddresses } = options;
  const addresses = createAddressBook(lookup);

  return createFacade(view, options, async (call) => {
    const [, name = ''] = /^\/v3\/discovery:(clusters|endpoints|routes)$/.exec(call.path) ?? [];
    if (call.method !== 'POST' || !name) return undefined;
    const asked = readRequest(await call.readJson());
    if (!asked) return new Response('The body is not a DiscoveryRequest.\n', { status: 400 });
    const snapshot = await call.readSnapshot(asked.stage);
    const plans = planClusters(snapshot, call);
    const has = (service: string) => asked.names.length === 0 || asked.names.includes(service);
    const answer = (type: keyof typeof types, resources: readonly object[], version = snapshot.revision) => {
      const typed = resources.map((resource) => ({ '@type': types[type], ...resource }));
      return Response.json({ version_info: version, type_url: types[type], resources: typed });
    };

    if (name === 'clusters') {
      const wanted = plans.filter(({ service }) => has(service));
      return answer(
        name,
        wanted.map((plan) => renderCluster(plan, trustedCaFile)),
      );
    }
    // Each has all routes in it.
    if (name === 'routes' && asked.names.length > maximumRouteNames)
      return new Response(`Ask for at most ${maximumRouteNames} route configurations at once.\n`, {
        status: 400,
      });
    if (name === 'routes')
      return answer(
        name,
        asked.names.map((route) => renderRoutes(route, plans)),
      );
    // A service that is gone is answered without endpoints: Envoy would keep what it has.
    const names = asked.names.length > 0 ? asked.names.filter(isName) : plans.map(({ service }) => service);
    const byName = new Map(plans.map((plan) => [plan.service, plan]));
    const assignments = await Promise.all(
      names.map((service) => addresses.resolve(byName.get(service) ?? planCluster(service, [], call.skip))),
    );
    const resources = assignments.map((plan) => renderAssignment(plan));
    const digest = createHash('sha256').update(JSON.stringify(resources)).digest('hex').slice(0, 16);
    return answer('endpoints', resources, `${snapshot.revision}.${digest}`);
  });
}

/** IPv4 first, as in CDS: IPv6 only where there is nothing else. */
async function findAddresses(hostname: string): Promise<readonly string[]> {
  const found = await lookUp(hostname, { all: true });
  const older = found.filter(({ family }) => family === 4);
  return (older.length > 0 ? older : found).map(({ address }) => address);
}

function planClusters({ services }: FacadeSnapshot, { skip }: FacadeCall): readonly ClusterPlan[] {
  return [...services].map(([service, endpoints]) => planCluster(service, endpoints, skip));
}

interface DiscoveryRequest {
  readonly stage: string | undefined;
  /** Each once; empty for all. */
  readonly names: readonly string[];
}

/** Envoy writes the names of fields as the definitions have them; protobuf's JSON form knows them in camel case too. */
function readRequest(body: unknown): DiscoveryRequest | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { node, resource_names: snakeNames, resourceNames } = body as Record<string, unknown>;
  const { metadata } = (node ?? {}) as { readonly metadata?: { readonly stage?: unknown } | null };
  const stage = metadata?.stage;
  const names = snakeNames ?? resourceNames ?? [];
  if (!Array.isArray(names) || (stage !== undefined && typeof stage !== 'string')) return undefined;
  const texts = new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''));
  return { stage, names: texts.has('*') ? [] : [...texts] };
}

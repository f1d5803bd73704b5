import { describe, expect, test } from '@jest/globals';
import { isName, parseTarget } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import {
  createEnvoyFacade,
  createFacadeView,
  createPrometheusFacade,
  createTraefikFacade,
  type EnvoyFacadeOptions,
  type FacadeView,
} from '../src/index.ts';
import { hostileRecords, trustedHosts } from './hostile-records.ts';

const stage = 'dev';
const addresses = ['192.0.2.1', '192.0.2.2'];

function makeView() {
  const source = memorySource();
  const view = createFacadeView({ source, stages: [stage, 'other'], trustedHosts });
  const register = (service: string, fields: object = {}) =>
    source.register({ stage, service, target: `https://${service}.example.com`, ...fields });
  return { source, view, register };
}

interface Target {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

async function askPrometheus(view: FacadeView, query = '', remarks: string[] = []): Promise<readonly Target[]> {
  const facade = createPrometheusFacade(view, { note: (remark) => remarks.push(remark) });
  const response = await facade(new Request(`http://127.0.0.1/prometheus${query}`));
  return (await response.json()) as readonly Target[];
}

interface Traefik {
  readonly http?: {
    readonly routers: Readonly<Record<string, { readonly rule: string; readonly service: string }>>;
    readonly services: Readonly<
      Record<string, { readonly loadBalancer: { readonly servers: readonly TraefikServer[] } }>
    >;
  };
}
interface TraefikServer {
  readonly url: string;
  readonly weight: number;
}

async function askTraefik(view: FacadeView, query = '', remarks: string[] = []): Promise<Traefik> {
  const facade = createTraefikFacade(view, { note: (remark) => remarks.push(remark) });
  const response = await facade(new Request(`http://127.0.0.1/traefik${query}`));
  return (await response.json()) as Traefik;
}

interface Discovery {
  readonly version_info: string;
  readonly resources: readonly Resource[];
}
/** As far as the tests read it; what is read is there. */
interface Resource {
  readonly name: string;
  readonly load_assignment: Assignment;
  readonly endpoints: Assignment['endpoints'];
  readonly transport_socket_matches?: readonly {
    readonly match: { readonly host: string };
    readonly transport_socket: { readonly typed_config: { readonly sni?: string } };
  }[];
}
interface Assignment {
  readonly endpoints: readonly {
    readonly priority: number;
    readonly lb_endpoints: readonly {
      readonly endpoint: {
        readonly address: { readonly socket_address: { readonly address: string } };
        readonly hostname: string;
      };
      readonly load_balancing_weight: number;
    }[];
  }[];
}

async function askEnvoy(view: FacadeView, type: string, body: object = {}, options: EnvoyFacadeOptions = {}) {
  const facade = createEnvoyFacade(view, { lookup: async () => addresses, ...options });
  const request = new Request(`http://127.0.0.1/v3/discovery:${type}`, { method: 'POST', body: JSON.stringify(body) });
  return (await (await facade(request)).json()) as Discovery;
}

describe('Prometheus', () => {
  test('has every endpoint as a target, with what the record says as labels', async () => {
    const { view, register } = makeView();
    register('users', { target: 'https://users.example.com/prod', version: '1.2.0', tenant: 'acme', weight: 0 });
    register('users', { id: 'b', target: 'http://localhost:8080', metadata: { 'team-name': 'a', 'team.name': 'b' } });
    register('chat', { kind: 'websocket', target: 'wss://chat.example.com' });
    const remarks: string[] = [];
    expect(await askPrometheus(view, '', remarks)).toEqual([
      {
        targets: ['localhost:8080'],
        labels: {
          __scheme__: 'http',
          __metrics_path__: '/metrics',
          __meta_discovery_stage: stage,
          __meta_discovery_service: 'users',
          __meta_discovery_id: 'b',
          __meta_discovery_kind: 'rest',
          __meta_discovery_metadata_team_name: 'a',
        },
      },
      {
        targets: ['users.example.com:443'],
        labels: {
          __scheme__: 'https',
          __metrics_path__: '/prod/metrics',
          __meta_discovery_stage: stage,
          __meta_discovery_service: 'users',
          __meta_discovery_id: 'default',
          __meta_discovery_kind: 'rest',
          __meta_discovery_version: '1.2.0',
          __meta_discovery_tenant: 'acme',
        },
      },
    ]);
    expect(remarks).toEqual([`chat/default in "dev": Prometheus can't scrape wss://chat.example.com`]);
    expect(await askPrometheus(view, '?service=other')).toEqual([]);
    expect(await askPrometheus(view, '?stage=other')).toEqual([]);
  });
});

describe('Traefik', () => {
  test('has a router, a middleware and weighted servers for each service', async () => {
    const { view, register } = makeView();
    register('users', { id: 'a', target: 'https://a.example.com/prod', weight: 90 });
    register('users', { id: 'b', target: 'https://b.example.com', weight: 10 });
    register('users', { id: 'spare', target: 'https://spare.example.com', priority: 1 });
    const remarks: string[] = [];
    expect(await askTraefik(view, '', remarks)).toEqual({
      http: {
        routers: {
          users: { rule: 'Path(`/users`) || PathPrefix(`/users/`)', service: 'users', middlewares: ['users'] },
        },
        middlewares: { users: { stripPrefix: { prefixes: ['/users'] } } },
        services: {
          users: {
            loadBalancer: {
              servers: [
                { url: 'https://a.example.com/prod', weight: 90, preservePath: true },
                { url: 'https://b.example.com', weight: 10, preservePath: true },
              ],
              passHostHeader: false,
            },
          },
        },
      },
    });
    expect(remarks).toEqual(['users/spare in "dev": Traefik has no second priority without health checks']);
  });

  test('routes by a rule of the caller, and keeps the path then', async () => {
    const { view, register } = makeView();
    register('users');
    const rule = encodeURIComponent('Host(`{service}.internal`)');
    const { http } = await askTraefik(view, `?rule=${rule}`);
    expect(http).toMatchObject({ routers: { users: { rule: 'Host(`users.internal`)', service: 'users' } } });
    expect(http).not.toHaveProperty('middlewares');
    const facade = createTraefikFacade(view);
    expect((await facade(new Request('http://127.0.0.1/traefik?rule=Host(`a`)'))).status).toBe(400);
  });

  test('has an empty configuration when there is no service', async () => {
    expect(await askTraefik(makeView().view)).toEqual({});
  });
});

describe('Envoy', () => {
  test('has a cluster for each service: priorities without gaps, a weight for each endpoint, TLS by host', async () => {
    const { view, register } = makeView();
    register('users', { id: 'a', target: 'https://a.example.com/prod', weight: 90, priority: 5, region: 'eu-west-1' });
    register('users', { id: 'b', target: 'https://b.example.com:8443/prod', weight: 10, priority: 5 });
    register('users', { id: 'c', target: 'http://127.0.0.1:3000/prod', priority: 9 });
    register('users', { id: 'd', target: 'https://d.example.com/v2', priority: 9 });
    const remarks: string[] = [];
    const { version_info, resources } = await askEnvoy(view, 'clusters', {}, { note: (one) => remarks.push(one) });
    expect(version_info).toBe((await view.readSnapshot(stage, new AbortController().signal)).revision);
    expect(resources).toHaveLength(1);
    const [{ load_assignment, transport_socket_matches = [] }] = resources as [Resource];
    expect(load_assignment).toEqual({
      cluster_name: 'users',
      endpoints: [
        {
          locality: { region: 'eu-west-1', sub_zone: 'a' },
          priority: 0,
          load_balancing_weight: 90,
          lb_endpoints: [
            {
              endpoint: {
                address: { socket_address: { address: 'a.example.com', port_value: 443 } },
                hostname: 'a.example.com',
              },
              load_balancing_weight: 9000,
              metadata: { filter_metadata: { 'envoy.transport_socket_match': { host: 'a.example.com' } } },
            },
          ],
        },
        expect.objectContaining({ priority: 0, load_balancing_weight: 10 }),
        {
          locality: { sub_zone: 'c' },
          priority: 1,
          load_balancing_weight: 100,
          lb_endpoints: [
            {
              endpoint: {
                address: { socket_address: { address: '127.0.0.1', port_value: 3000 } },
                hostname: '127.0.0.1:3000',
              },
              load_balancing_weight: 10_000,
            },
          ],
        },
      ],
    });
    expect(
      transport_socket_matches.map((match) => [match.match.host, match.transport_socket.typed_config.sni]),
    ).toEqual([
      ['a.example.com', 'a.example.com'],
      ['b.example.com', 'b.example.com'],
    ]);
    expect(remarks).toEqual(['users/d in "dev": a route of Envoy has one path, and "/v2" is not "/prod" of users/a']);
  });

  test('gets addresses by EDS, which share the weight, and keeps those of a host that is not found for a moment', async () => {
    const { view, register } = makeView();
    register('users', { weight: 50 });
    register('orders');
    let found: readonly string[] | undefined = ['192.0.2.2', 'not an address', '192.0.2.1', '192.0.2.1'];
    const lookup = async () => found ?? Promise.reject(new Error('ESERVFAIL'));
    const facade = createEnvoyFacade(view, { lookup });
    const ask = async () => {
      const body = JSON.stringify({ resource_names: ['users', 'gone', 'not a name'], node: { metadata: { stage } } });
      const response = await facade(new Request('http://127.0.0.1/v3/discovery:endpoints', { method: 'POST', body }));
      return (await response.json()) as Discovery;
    };
    const first = await ask();
    const [users, gone, ...more] = first.resources;
    expect(
      users?.endpoints[0]?.lb_endpoints.map((one) => [
        one.endpoint.address.socket_address.address,
        one.endpoint.hostname,
        one.load_balancing_weight,
      ]),
    ).toEqual([
      ['192.0.2.1', 'users.example.com', 2500],
      ['192.0.2.2', 'users.example.com', 2500],
    ]);
    expect(gone).toEqual({ '@type': expect.any(String), cluster_name: 'gone' });
    expect(more).toEqual([]);
    found = undefined;
    expect(await ask()).toEqual(first);
    found = ['192.0.2.3'];
    expect((await ask()).version_info).not.toBe(first.version_info);
  });

  test('gets routes under the name that it asks for, with the path of the target', async () => {
    const { view, register } = makeView();
    register('users', { target: 'https://users.example.com/prod' });
    register('chat', { kind: 'websocket', target: 'wss://chat.example.com' });
    const { resources } = await askEnvoy(view, 'routes', { resource_names: ['local'] });
    expect(resources).toMatchObject([
      {
        name: 'local',
        virtual_hosts: [
          {
            routes: [
              {
                match: { path: '/chat' },
                route: { prefix_rewrite: '/', upgrade_configs: [{ upgrade_type: 'websocket' }] },
              },
              { match: { prefix: '/chat/' }, route: { cluster: 'chat', prefix_rewrite: '/' } },
              { match: { path: '/users' }, route: { cluster: 'users', prefix_rewrite: '/prod' } },
              { match: { prefix: '/users/' }, route: { cluster: 'users', prefix_rewrite: '/prod/' } },
            ],
          },
        ],
      },
    ]);
  });

  test('gets each name that it asks for once, and is refused where it asks for more routes than an Envoy has', async () => {
    const { view, register } = makeView();
    register('users');
    let lookups = 0;
    const lookup = async () => {
      lookups += 1;
      return addresses;
    };
    const askFor = async (type: string, names: readonly string[]) =>
      (await askEnvoy(view, type, { resource_names: names }, { lookup })).resources;
    const repeated = Array.from({ length: 1000 }, () => 'users');
    expect(await askFor('endpoints', repeated)).toHaveLength(1);
    expect(lookups).toBe(1);
    expect(await askFor('routes', repeated)).toHaveLength(1);
    const ask = async (length: number) => {
      const names = Array.from({ length }, (_, index) => `route-${index}`);
      const body = JSON.stringify({ resource_names: names });
      const request = new Request('http://127.0.0.1/v3/discovery:routes', { method: 'POST', body });
      return (await createEnvoyFacade(view)(request)).status;
    };
    expect([await ask(100), await ask(101)]).toEqual([200, 400]);
  });

  test('gets another stage by its metadata, and answers to what it can’t read with 400', async () => {
    const { view, register, source } = makeView();
    register('users');
    source.register({ stage: 'other', service: 'orders', target: 'https://orders.example.com' });
    const { resources } = await askEnvoy(view, 'clusters', { node: { metadata: { stage: 'other' } } });
    expect(resources.map(({ name }) => name)).toEqual(['orders']);
    const facade = createEnvoyFacade(view);
    const ask = async (body: string, method = 'POST') =>
      (
        await facade(
          new Request('http://127.0.0.1/v3/discovery:clusters', { method, ...(method === 'POST' && { body }) }),
        )
      ).status;
    for (const body of ['', '[]', 'null', '{', '{"resource_names":"users"}', '{"node":{"metadata":{"stage":1}}}'])
      expect([body, await ask(body)]).toEqual([body, 400]);
    expect(await ask('{"node":{"metadata":{"stage":"secret"}}}')).toBe(404);
    expect(await ask('', 'GET')).toBe(404);
  });
});

test('whatever stands in a snapshot, a facade names no host, and no service, that the snapshot has not', async () => {
  await fc.assert(
    fc.asyncProperty(hostileRecords, async (given) => {
      const { view, source } = makeView();
      for (const record of given) source.register({ stage, ...record });
      const targets = given.flatMap(({ target, kind = 'rest' }) => parseTarget(target, kind as 'rest') ?? []);
      const hosts = new Set(
        targets.filter((target) => !target.startsWith('arn:')).map((target) => new URL(target).host),
      );
      const names = new Set(given.map(({ service }) => service).filter(isName));

      for (const {
        targets: [target = ''],
        labels,
      } of await askPrometheus(view)) {
        expect(hosts).toContain(target.replace(labels['__scheme__'] === 'https' ? /:443$/ : /:80$/, ''));
        for (const label of Object.keys(labels)) expect(label).toMatch(/^[a-z_]\w*$/i);
      }

      const { http = { routers: {}, services: {} } } = await askTraefik(view);
      for (const [name, { rule, service }] of Object.entries(http.routers)) {
        expect(names).toContain(name);
        expect([rule, service]).toEqual([`Path(\`/${name}\`) || PathPrefix(\`/${name}/\`)`, name]);
        const { servers } = http.services[name]!.loadBalancer;
        expect(servers.length).toBeGreaterThan(0);
        for (const { url, weight } of servers) {
          expect(hosts).toContain(new URL(url).host);
          expect(weight).toBeGreaterThan(0);
        }
      }

      for (const { name, load_assignment, transport_socket_matches = [] } of (await askEnvoy(view, 'clusters'))
        .resources) {
        expect(names).toContain(name);
        const priorities = load_assignment.endpoints.map(({ priority }) => priority);
        expect([...new Set(priorities)]).toEqual([...new Set(priorities)].map((_, index) => index));
        for (const { lb_endpoints } of load_assignment.endpoints)
          for (const { endpoint } of lb_endpoints) expect(hosts).toContain(endpoint.hostname);
        const known = new Set([...hosts].map((host) => new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '')));
        for (const { match } of transport_socket_matches) expect(known).toContain(match.host);
      }
    }),
    { numRuns: scaleRuns(150) },
  );
});

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { memorySource, sourceContract } from '@amplify-discovery/test-rig';
import { loopbackCertificate } from '@amplify-discovery/test-rig/loopback-certificate';
import { createKubernetesSource, createKubernetesTarget, openSource, openTarget, syncStage } from '../../src/index.ts';
import { targetContract } from '../target-contract.ts';
import { callByName } from './call-by-name.ts';
import { holdFetch } from './hold-fetch.ts';
import { startKubernetes, type KubernetesCluster } from './start-kubernetes.ts';
import { syncUnderKills } from './sync-under-kills.ts';

const ingresses = (stage: string) => `/apis/networking.k8s.io/v1/namespaces/${stage}/ingresses`;
const httpRoutes = (stage: string) => `/apis/gateway.networking.k8s.io/v1/namespaces/${stage}/httproutes`;
const maps = (stage: string) => `/api/v1/namespaces/${stage}/configmaps`;

const annotate = (annotations: object) =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`amplify-discovery/${name}`, String(value)]));

/** As a team's own chart has it. */
const makeIngress = (name: string, hosts: readonly string[], annotations: object) => ({
  metadata: { name, annotations: annotate(annotations) },
  spec: {
    ingressClassName: 'public',
    rules: hosts.map((host) => ({
      host,
      http: {
        paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'users', port: { number: 80 } } } }],
      },
    })),
  },
});

const nameIngress = (service: string, id: string) => `${service}-${id}`;

sourceContract('kubernetes', async () => {
  const { options, fetch, apply, call, createNamespace, kill, close } = await startKubernetes();
  const held = holdFetch(fetch);
  return {
    source: createKubernetesSource({ ...options, findToken: async () => 'token-of-admin', fetch: held.fetch }),
    register: async ({ stage, service, id = 'default', target }) => {
      await createNamespace(stage);
      const { hostname, pathname } = new URL(target);
      const ingress = makeIngress(nameIngress(service, id), [hostname], { service, id, path: pathname });
      await apply(ingresses(stage), ingress);
    },
    deregister: async (stage, service, id = 'default') => {
      await call('DELETE', `${ingresses(stage)}/${nameIngress(service, id)}`);
    },
    holdNextLoad: held.hold,
    breakDown: kill,
    close,
  };
});

targetContract('kubernetes', async () => {
  const { options, apply, createNamespace, kill, restart, close } = await startKubernetes();
  await createNamespace('shop');
  return {
    target: createKubernetesTarget({ ...options, namespace: 'shop' }),
    occupy: async ({ stage, service, target }) => {
      const name = `discovery.${stage}`;
      const labels = { 'app.kubernetes.io/managed-by': 'amplify-discovery' };
      await apply(maps('shop'), {
        metadata: { name, labels },
        data: { [service]: target },
      });
    },
    restart,
    breakDown: kill,
    close,
  };
});

describe('kubernetes', () => {
  let cluster: KubernetesCluster;
  const signal = new AbortController().signal;
  const load = async (stage: string, options = cluster.options) => {
    const answer = await createKubernetesSource(options).load({ stage, signal });
    if (answer.unchanged) throw new Error('unchanged was not expected');
    return answer.endpoints as Record<string, unknown>[];
  };

  beforeAll(async () => {
    cluster = await startKubernetes();
  }, 60_000);
  afterAll(() => cluster.close());

  test('an Ingress with the annotation is an endpoint, with what its other annotations say; one without is not', async () => {
    const { apply, createNamespace } = cluster;
    await createNamespace('exposed');
    const more = { path: '/api', version: '1.2.3', weight: 5, priority: 1, port: 8443, kind: 'http' };
    await apply(
      ingresses('exposed'),
      makeIngress('users', ['*.example.com', 'users.example.com'], { service: 'users', ...more }),
    );
    await apply(
      ingresses('exposed'),
      makeIngress('wild', ['*.example.com'], { service: 'wild', host: 'a.example.com' }),
    );
    await apply(
      ingresses('exposed'),
      makeIngress('foreign', ['*.example.com'], { service: 'foreign', host: 'a.example.org' }),
    );
    await apply(
      ingresses('exposed'),
      makeIngress('elsewhere', ['e.example.com'], { service: 'elsewhere', stage: 'other' }),
    );
    await apply(ingresses('exposed'), makeIngress('plain', ['plain.example.com'], {}));
    expect(await load('exposed')).toEqual([
      {
        stage: 'exposed',
        service: 'users',
        id: 'users',
        kind: 'http',
        target: 'https://users.example.com:8443/api',
        version: '1.2.3',
        weight: 5,
        priority: 1,
        metadata: { 'discovery.origin': `kubernetes:${cluster.url}` },
      },
      expect.objectContaining({ service: 'wild', target: 'https://a.example.com' }),
    ]);
  });

  test('one namespace may hold several stages', async () => {
    const { apply, createNamespace, options } = cluster;
    await createNamespace('several');
    for (const stage of ['Production', 'Staging']) {
      const ingress = makeIngress(stage.toLowerCase(), [`${stage.toLowerCase()}.example.com`], {
        service: 'users',
        stage,
      });
      await apply(ingresses('several'), ingress);
    }
    const named = { ...options, namespace: 'several' };
    expect(await load('Production', named)).toMatchObject([{ id: 'production', stage: 'Production' }]);
    expect(await load('Staging', named)).toMatchObject([{ id: 'staging', stage: 'Staging' }]);
    await expect(load('Production')).rejects.toThrow(/"Production" can't be a namespace: name one in the address/);
  });

  test('HTTPRoutes are read as soon as the cluster knows them', async () => {
    const { apply, call, createNamespace } = cluster;
    await createNamespace('routed');
    expect(await load('routed')).toEqual([]);
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    await apply('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: {
        name: 'httproutes.gateway.networking.k8s.io',
        annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api' },
      },
      spec: {
        group: 'gateway.networking.k8s.io',
        scope: 'Namespaced',
        names: { plural: 'httproutes', singular: 'httproute', kind: 'HTTPRoute', listKind: 'HTTPRouteList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    });
    while ((await call('GET', httpRoutes('routed'))).status !== 200);
    await apply(httpRoutes('routed'), {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'orders', annotations: annotate({ service: 'orders', id: 'default' }) },
      spec: { parentRefs: [{ name: 'public' }], hostnames: ['orders.example.com'] },
    });
    await apply(ingresses('routed'), makeIngress('orders', ['old.example.com'], { service: 'orders', id: 'default' }));
    expect(await load('routed')).toMatchObject([{ service: 'orders', target: 'https://orders.example.com' }]);
  });

  test('a namespace of more than a page is read whole, and anew when the API server has forgotten its first page', async () => {
    const { apply, createNamespace, options, fetch } = cluster;
    await createNamespace('large');
    for (let first = 0; first < 600; first += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, one) => `s${first + one}`).map((service) =>
          apply(ingresses('large'), makeIngress(service, [`${service}.example.com`], { service })),
        ),
      );
    }
    expect(await load('large')).toHaveLength(600);
    // The API server's own answer to the token of a page that was compacted away.
    let pages = 0;
    const forgetful: typeof fetch = async (input, init) => {
      if (String(input).includes('&continue=') && ++pages === 1) {
        const status = { kind: 'Status', status: 'Failure', message: 'too old', reason: 'Expired', code: 410 };
        return Response.json(status, { status: 410 });
      }
      return fetch(input, init);
    };
    expect(await load('large', { ...options, fetch: forgetful })).toHaveLength(600);
    expect(pages).toBe(2);
  }, 60_000);

  test('an account without a Role, and one that the cluster does not know, learn what to do', async () => {
    const { options, tokens, createNamespace } = cluster;
    await createNamespace('closed');
    const visitor = { ...options, findToken: async () => tokens.visitor };
    await expect(load('closed', visitor)).rejects.toMatchObject({
      code: 'RegistryDenied',
      message: expect.stringMatching(
        /give the account a Role with "list" on ingresses in "closed", and a RoleBinding$/,
      ),
    });
    const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com' }, 'closed');
    await expect(
      createKubernetesTarget(visitor).put(endpoint, { stage: 'closed', mark: 'blue', signal }),
    ).rejects.toThrow(/Role with "get" on configmaps in "closed"/);
    const stranger = { ...options, findToken: async () => 'token-of-nobody' };
    await expect(load('closed', stranger)).rejects.toThrow(/HTTP 401 Unauthorized: check the token: KUBERNETES_TOKEN/);
  });

  test('a ConfigMap of that name that no bridge has made is left as it is', async () => {
    const { apply, call, createNamespace, options } = cluster;
    await createNamespace('theirs');
    const made = await apply(maps('theirs'), {
      metadata: { name: 'discovery.theirs' },
      data: { users: 'https://their.example.com' },
    });
    const target = createKubernetesTarget(options);
    const source = memorySource();
    source.register({ stage: 'theirs', service: 'users', target: 'https://users.example.com' });
    source.register({ stage: 'theirs', service: 'orders', target: 'https://orders.example.com' });
    const result = await syncStage({ source, target, mark: 'blue', stage: 'theirs', signal, sleep: async () => {} });
    expect([result.written, result.failed, result.skipped.length]).toEqual([0, 0, 2]);
    expect((await call('GET', `${maps('theirs')}/discovery.theirs`)).body).toEqual(made);
  });

  test('programs in the cluster read name → URL; what people add beside it stays, and the last removal removes the rest', async () => {
    const { apply, call, createNamespace, options } = cluster;
    await createNamespace('read');
    const target = createKubernetesTarget(options);
    const make = (service: string, more = {}) =>
      parseEndpoint({ service, target: `https://${service}.example.com`, ...more }, 'read');
    const write = { stage: 'read', mark: 'blue', signal };
    await target.put(make('users'), write);
    await target.put(make('users', { id: 'canary', target: 'https://new.example.com' }), write);
    const path = `${maps('read')}/discovery.read`;
    const { body } = await call('GET', path);
    expect(body['data']).toMatchObject({
      users: 'https://users.example.com',
      'users..canary': 'https://new.example.com',
    });
    await apply(maps('read'), {
      metadata: { name: 'discovery.read', annotations: { team: 'shop' } },
      data: { legacy: 'https://l.example.com' },
    });
    await target.put(make('orders'), write);
    for (const { key, content, mark } of (await target.list('read', { signal })).objects)
      await target.remove({ key, content, mark }, write);
    expect((await call('GET', path)).body).toMatchObject({
      metadata: { annotations: { team: 'shop' } },
      data: { legacy: 'https://l.example.com', '.records': '{}' },
    });
    await call('PATCH', path, { data: { legacy: null } });
    await target.put(make('orders'), write);
    await target.remove({ key: 'orders', content: '' }, write);
    expect((await call('GET', path)).status).toBe(404);
  });

  test('names that could be another endpoint’s, and ARNs, are not written; a full ConfigMap names itself', async () => {
    const { createNamespace, options, fetch } = cluster;
    await createNamespace('odd');
    const target = createKubernetesTarget(options);
    const make = (more: object) =>
      parseEndpoint({ service: 'users', target: 'https://users.example.com', ...more }, 'odd');
    for (const more of [{ service: 'a..b' }, { id: 'a..b' }, { service: 'a.' }])
      expect(target.describe(make(more))).toMatchObject({
        fault: expect.stringContaining("can't be a name in a ConfigMap"),
      });
    for (const service of ['__proto__', 'constructor'])
      await target.put(make({ service }), { stage: 'odd', mark: 'blue', signal });
    expect((await target.list('odd', { signal })).objects).toMatchObject([
      { key: '__proto__', mark: 'blue' },
      { key: 'constructor', mark: 'blue' },
    ]);
    const target2 = createKubernetesTarget({
      ...options,
      fetch: (input, init) =>
        fetch(
          input,
          init?.method === 'PUT'
            ? { ...init, body: String(init.body).replace('"data":{', `"data":{"x":"${'x'.repeat(1_100_000)}",`) }
            : init,
        ),
    });
    await expect(target2.put(make({ service: 'last' }), { stage: 'odd', mark: 'blue', signal })).rejects.toMatchObject({
      code: 'InvalidRecord',
      message: expect.stringMatching(/HTTP (413|422)/),
    });
  });

  test('four bridges that write one map at once all succeed, and of one key one has it', async () => {
    const { createNamespace, options } = cluster;
    await createNamespace('busy');
    const target = createKubernetesTarget(options);
    const marks = ['blue', 'green', 'red', 'grey'];
    for (let round = 0; round < 10; round++) {
      const make = (service: string) => parseEndpoint({ service, target: 'https://users.example.com' }, 'busy');
      await Promise.all(marks.map((mark) => target.put(make(`${mark}-${round}`), { stage: 'busy', mark, signal })));
      const outcomes = await Promise.allSettled(
        marks.map((mark) => target.put(make(`one-${round}`), { stage: 'busy', mark, signal })),
      );
      const refusals = outcomes.flatMap((one) =>
        one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
      );
      expect(refusals).toEqual(Array(3).fill('RegistrationConflict'));
    }
    expect((await target.list('busy', { signal })).objects).toHaveLength(50);
  }, 30_000);

  test('an Amplify app calls by name what only the cluster knows', async () => {
    const { apply, createNamespace, options, fetch } = cluster;
    await createNamespace('called');
    const backend = createServer(loopbackCertificate, (request, response) =>
      response.end(`${request.url} of the cluster`),
    );
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    // The certificate of the test is one that the global fetch doesn't know.
    const globalFetch = jest.spyOn(globalThis, 'fetch').mockImplementation(fetch);
    try {
      const { port } = backend.address() as AddressInfo;
      await apply(ingresses('called'), makeIngress('users', ['localhost'], { service: 'users', port, path: '/api' }));
      expect(await callByName(createKubernetesSource(options), 'called', 'users', ['localhost:*'])).toBe(
        '/api/ of the cluster',
      );
    } finally {
      globalFetch.mockRestore();
      backend.closeAllConnections();
      await new Promise((resolve) => backend.close(resolve));
    }
  });

  test('a reference names server and namespace; token and certificate come from the environment', async () => {
    const { url, tokens, createNamespace } = cluster;
    await createNamespace('named');
    const context = {
      fetch,
      env: { KUBERNETES_TOKEN: tokens.bridge, KUBERNETES_CA_FILE: cluster.caFile },
      findCredentials: () => Promise.reject(new Error('not asked')),
    };
    const target = await openTarget(`kubernetes:${url}/named`, context);
    const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com' }, 'Production');
    await target.put(endpoint, { stage: 'Production', mark: 'blue', signal });
    expect((await target.list('Production', { signal })).objects).toHaveLength(1);
    expect(await (await openSource(`kubernetes:${url}`, context)).load({ stage: 'named', signal })).toMatchObject({
      endpoints: [],
    });
    await expect(
      openSource(`kubernetes:${url}`, { ...context, env: { KUBERNETES_CA_FILE: '/nowhere' } }),
    ).rejects.toThrow(/KUBERNETES_CA_FILE: "\/nowhere" can't be read/);
    const withoutToken = await openSource(`kubernetes:${url}`, {
      ...context,
      env: { KUBERNETES_CA_FILE: cluster.caFile },
    });
    await expect(withoutToken.load({ stage: 'named', signal })).rejects.toMatchObject({ code: 'CredentialsMissing' });
  });

  test('killed in the middle of fifty syncs, it ends right', async () => {
    await cluster.createNamespace('dev');
    await syncUnderKills(createKubernetesTarget(cluster.options), cluster.restart);
  }, 180_000);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFetchListener, startLocalServer } from '@amplify-discovery/local';
import { memorySource, sourceContract } from '@amplify-discovery/test-rig';
import { createEurekaFacade, createEurekaSource, createFacadeView, requireToken } from '../../src/index.ts';
import { callByName, callFromLambda, callThroughRouter, startBackend } from './call-by-name.ts';
import { holdFetch } from './hold-fetch.ts';
import { findClassPath, javaOptions, startJavaPeer } from './start-java-peer.ts';
import { findFreePort, startProgram } from './start-program.ts';

type Json = Readonly<Record<string, unknown>>;

async function startEureka() {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}/eureka`;
  const settings = {
    'server.port': port,
    'server.address': '127.0.0.1',
    'eureka.client.register-with-eureka': false,
    'eureka.client.fetch-registry': false,
    'eureka.server.use-read-only-response-cache': false,
    'eureka.dashboard.enabled': false,
    'spring.main.lazy-initialization': true,
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const program = await startProgram({
    command: 'java',
    args: ['-Xmx192m', ...javaOptions, '-cp', findClassPath('eureka'), 'EurekaServer', ...args],
    isReady: async () => (await fetch(`${url}/apps`)).ok,
  });
  /** As somebody's own deployment does it. */
  const register = async (app: string, fields: Json) => {
    const instance = {
      app,
      vipAddress: app,
      secureVipAddress: app,
      hostName: 'unused.example.com',
      ipAddr: '10.0.0.1',
      status: 'UP',
      port: { $: 80, '@enabled': 'false' },
      securePort: { $: 443, '@enabled': 'false' },
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      ...fields,
    };
    const answer = await fetch(`${url}/apps/${app}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instance }),
    });
    expect(answer.status).toBe(204);
  };
  const deregister = (app: string, instanceId: string) =>
    fetch(`${url}/apps/${app}/${instanceId}`, { method: 'DELETE' });
  return { url, register, deregister, kill: program.kill };
}

sourceContract('eureka', async () => {
  const { url, register, deregister, kill } = await startEureka();
  const held = holdFetch();
  return {
    source: createEurekaSource({ url, stageBy: 'metadata', fetch: held.fetch }),
    register: ({ stage, service, id = 'default', target }) =>
      register(service, { instanceId: `${stage}:${id}`, metadata: { stage, id, url: target } }),
    deregister: async (stage, service, id = 'default') => void (await deregister(service, `${stage}:${id}`)),
    holdNextLoad: held.hold,
    breakDown: kill,
    close: kill,
  };
});

describe('with Spring’s server', () => {
  let eureka: Awaited<ReturnType<typeof startEureka>>;
  beforeAll(async () => {
    eureka = await startEureka();
  });
  afterAll(() => eureka.kill());
  const call = (stage: string) => ({ stage, signal: new AbortController().signal });

  /** A source, and what it has asked for. */
  function watchSource(stageBy: 'metadata' | 'zone' = 'metadata') {
    const asked: string[] = [];
    let time = 0;
    const source = createEurekaSource({
      url: `${eureka.url}/`,
      stageBy,
      fetch: (input, init) => {
        asked.push(String(input).slice(eureka.url.length));
        return fetch(input, init);
      },
      now: () => time,
    });
    return {
      source,
      pass: (milliseconds: number) => (time += milliseconds),
      async load(stage: string) {
        const answer = await source.load(call(stage));
        const targets = answer.unchanged ? [] : (answer.endpoints as { target: string }[]).map(({ target }) => target);
        return { targets: targets.sort(), asked: asked.splice(0) };
      },
    };
  }

  test('a source reads all once, then changes, and all again where it has been away for long', async () => {
    const { load, pass } = watchSource();
    const register = (id: string, host: string, more: Json = {}) =>
      eureka.register('changing', {
        instanceId: id,
        metadata: { stage: 'changing', url: `https://${host}.example.com` },
        ...more,
      });
    await register('one', 'a');
    await register('two', 'b');
    const [a, b, c] = ['a', 'b', 'c'].map((host) => `https://${host}.example.com`);
    expect(await load('changing')).toEqual({ targets: [a, b], asked: ['/apps'] });
    expect(await load('changing')).toEqual({ targets: [a, b], asked: ['/apps/delta'] });
    // As many as before: the hash alone would not show it.
    await eureka.deregister('changing', 'one');
    await register('three', 'c');
    expect(await load('changing')).toEqual({ targets: [b, c], asked: ['/apps/delta'] });
    await register('three', 'c', { status: 'DOWN' });
    expect(await load('changing')).toEqual({ targets: [b], asked: ['/apps/delta'] });
    pass(119_999);
    expect((await load('changing')).asked).toEqual(['/apps/delta']);
    pass(120_000);
    expect(await load('changing')).toEqual({ targets: [b], asked: ['/apps'] });
  });

  test('a source that has missed a change finds out by the hash, and reads all', async () => {
    await eureka.register('missed', { instanceId: 'one', metadata: { stage: 'missed', url: 'https://a.example.com' } });
    // Eureka forgets a change after three minutes; here its answer loses it on the way.
    const source = createEurekaSource({
      url: eureka.url,
      stageBy: 'metadata',
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (!String(input).endsWith('/delta')) return response;
        const { applications } = (await response.json()) as { applications: Json };
        return Response.json({ applications: { ...applications, application: [] } });
      },
    });
    await source.load(call('missed'));
    await eureka.register('missed', { instanceId: 'two', metadata: { stage: 'missed', url: 'https://b.example.com' } });
    const answer = await source.load(call('missed'));
    expect(answer.unchanged ? [] : answer.endpoints).toHaveLength(2);
  });

  test('a source reads what Netflix’s own client has registered, by zone', async () => {
    const peer = await startJavaPeer('eureka', 'EurekaPeer', [
      `${eureka.url}/`,
      'true',
      'zone=eu-1',
      'path=/api',
      'version=2.1.0',
    ]);
    try {
      const { load, source } = watchSource('zone');
      while ((await load('eu-1')).targets.length === 0);
      expect(await source.load(call('eu-1'))).toMatchObject({
        endpoints: [
          {
            service: 'java-peer',
            id: expect.stringMatching(/^peer-example-com-java-peer-8443-[\da-f]{8}$/),
            target: 'https://peer.example.com:8443/api',
            version: '2.1.0',
            metadata: { 'discovery.origin': source.name },
          },
        ],
      });
    } finally {
      await peer.stop();
    }
  });

  test.each([callByName, callFromLambda, callThroughRouter])(
    '%p calls by name what only Eureka knows',
    async (callIt) => {
      const backend = await startBackend('from Eureka');
      try {
        const port = { $: Number(new URL(backend.url).port), '@enabled': 'true' };
        await eureka.register('LocalUsers', { instanceId: 'one', hostName: '127.0.0.1', port });
        expect(await callIt(createEurekaSource({ url: eureka.url }), 'dev', 'LocalUsers')).toBe('from Eureka');
      } finally {
        await backend.stop();
      }
    },
  );

  test('the facade answers as Spring’s server does with the same instances, in JSON and XML', async () => {
    const { facade, source } = makeFacade();
    const register = (service: string, more: object = {}) =>
      source.register({ stage: 'prod', service, target: `https://${service}.example.com/prod`, ...more });
    register('judged');
    register('judged', { id: 'standby', priority: 1, target: 'https://standby.example.com:8443' });
    register('camelCase', { weight: 5, version: '1.2.3', region: 'eu-west-1' });
    register('odd', {
      metadata: { a_b: '<&"x\'>', c$d: '', '1st': 'ü', 'two words': '2' },
      target: 'http://127.0.0.1:3000',
    });
    const ask = (path: string, accept: string) =>
      facade(new Request(`http://127.0.0.1/eureka/${path}`, { headers: { accept } }));
    const all = (await (await ask('apps', 'application/json')).json()) as {
      applications: { application: { name: string; instance: Json[] }[] };
    };
    const apps = all.applications.application.map(({ name }) => name);
    expect(apps).toEqual(['CAMELCASE', 'JUDGED', 'ODD']);
    for (const { name, instance } of all.applications.application)
      for (const one of instance) await eureka.register(name, one);

    const paths = [
      ...apps.map((name) => `apps/${name}`),
      'apps/judged',
      'apps/JUDGED/judged:standby',
      'instances/camelCase:default',
      'vips/judged',
      'svips/camelCase',
      'vips/nobody',
      'svips/nobody',
    ];
    const [json, xml] = ['application/json', 'application/xml'] as const;
    for (const path of paths) {
      const both = (accept: string) =>
        Promise.all([ask(path, accept), fetch(`${eureka.url}/${path}`, { headers: { accept } })]);
      const [own, theirs] = await both(json);
      expect([path, own.status, withoutTimes(await own.json())]).toEqual([
        path,
        theirs.status,
        withoutTimes(await theirs.json()),
      ]);
      const [ownXml, theirsXml] = await both(xml);
      expect([path, listElements(await ownXml.text())]).toEqual([
        path,
        listElements(mendStatus(await theirsXml.text())),
      ]);
      expect([own.headers.get('content-type'), ownXml.headers.get('content-type')]).toEqual([json, xml]);
    }
    for (const path of ['apps/NOBODY', 'apps/JUDGED/nobody', 'instances/nobody', 'nothing']) {
      const theirs = await fetch(`${eureka.url}/${path}`);
      expect([path, (await ask(path, '*/*')).status]).toEqual([path, theirs.status]);
    }
    expect(await (await ask('apps', 'application/json')).text()).toContain('"apps__hashcode":"OUT_OF_SERVICE_1_UP_3_"');
  });
});

describe('Netflix’s own client on the facade', () => {
  test('reads all, then changes, and finds instances by their VIP address', async () => {
    const { serve, source, pass, asked, stop } = makeFacade();
    const register = (service: string, more: object = {}) =>
      source.register({ stage: 'prod', service, target: `https://${service}.example.com/prod`, ...more });
    register('users', { metadata: { team: 'a' } });
    register('users', { id: 'standby', priority: 1 });
    register('orders');
    const peer = await startJavaPeer('eureka', 'EurekaPeer', [await serve(), 'false']);
    try {
      const user = 'users:default users.example.com 443 UP https://users.example.com/prod';
      expect(asked.splice(0)).toEqual(['GET apps/ 200']);
      for (const kind of ['secure', 'plain']) expect(await peer.ask('vip', 'users', kind)).toEqual([user]);
      expect(await peer.ask('metadata', 'users', 'team')).toEqual(['a']);
      expect(await peer.ask('metadata', 'users', 'path')).toEqual(['/prod']);
      expect(await peer.ask('apps')).toEqual(['ORDERS', 'USERS']);

      // What happened before the facade ran is not known yet.
      register('orders', { target: 'https://moved.example.com' });
      pass(60_000);
      await peer.ask('refresh');
      expect(asked.splice(0)).toEqual(['GET apps/delta 403', 'GET apps/ 200']);
      expect(await peer.ask('vip', 'orders', 'secure')).toEqual([
        'orders:default moved.example.com 443 UP https://moved.example.com',
      ]);

      pass(121_000);
      // As many as before, so that the hash alone would not show it.
      source.deregister('prod', 'orders');
      register('billing');
      register('users', { target: 'https://blue.example.com' });
      await peer.ask('refresh');
      expect(asked.splice(0)).toEqual(['GET apps/delta 200']);
      expect(await peer.ask('apps')).toEqual(['BILLING', 'USERS']);
      expect(await peer.ask('vip', 'orders', 'secure')).toEqual([]);
      expect(await peer.ask('vip', 'users', 'secure')).toEqual([
        'users:default blue.example.com 443 UP https://blue.example.com',
      ]);
    } finally {
      await peer.stop();
      await stop();
    }
  });

  test('goes on reading where its registration and heartbeats are refused', async () => {
    const { serve, source, asked, pass, stop } = makeFacade();
    source.register({ stage: 'prod', service: 'users', target: 'https://users.example.com' });
    const peer = await startJavaPeer('eureka', 'EurekaPeer', [await serve(), 'true']);
    try {
      while (!asked.includes('POST apps/JAVA-PEER 405') || !asked.some((one) => /^PUT .* 405$/.test(one))) {
        await peer.ask('refresh');
        pass(1000);
      }
      expect(await peer.ask('vip', 'users', 'secure')).toHaveLength(1);
      expect(await peer.ask('apps')).toEqual(['USERS']);
    } finally {
      await peer.stop();
      await stop();
    }
  });

  test('sends the token of a facade as the password in its URL', async () => {
    const { serve, source, asked, stop } = makeFacade();
    source.register({ stage: 'prod', service: 'users', target: 'https://users.example.com' });
    const token = 'token-of-the-tests';
    const url = new URL(await serve(token));
    expect((await fetch(`${url.href}apps`)).status).toBe(401);
    [url.username, url.password] = ['discovery', token];
    const peer = await startJavaPeer('eureka', 'EurekaPeer', [url.href, 'false']);
    try {
      expect(asked).toEqual(['GET apps 401', 'GET apps/ 200']);
      expect(await peer.ask('vip', 'users', 'secure')).toHaveLength(1);
    } finally {
      await peer.stop();
      await stop();
    }
  });

  test('reads another stage below a path of its own', async () => {
    const { serve, source, stop } = makeFacade();
    source.register({ stage: 'dev', service: 'users', target: 'https://dev.example.com' });
    const peer = await startJavaPeer('eureka', 'EurekaPeer', [`${await serve()}stages/dev/`, 'false']);
    try {
      expect(await peer.ask('vip', 'users', 'secure')).toEqual([
        'users:default dev.example.com 443 UP https://dev.example.com',
      ]);
    } finally {
      await peer.stop();
      await stop();
    }
  });
});

function makeFacade() {
  let time = 1_000_000;
  const now = () => time;
  const source = memorySource();
  const view = createFacadeView({
    source,
    stages: ['prod', 'dev'],
    trustedHosts: ['*.example.com', '*.example.com:8443', '127.0.0.1:*'],
    now,
  });
  const facade = createEurekaFacade(view, { now });
  const asked: string[] = [];
  const stops: (() => Promise<void>)[] = [];
  return {
    facade,
    source,
    asked,
    pass: (milliseconds: number) => (time += milliseconds),
    /** The service URL for clients. */
    async serve(token?: string) {
      const guarded = token === undefined ? facade : requireToken(facade, token);
      const listener = createFetchListener(async (request) => {
        const response = await guarded(request);
        asked.push(`${request.method} ${new URL(request.url).pathname.replace(/^\/eureka\//, '')} ${response.status}`);
        return response;
      });
      const { url, stop } = await startLocalServer({ handlers: { '/eureka': listener } });
      stops.push(stop);
      return `${url}/eureka/`;
    },
    stop: async () => void (await Promise.all(stops.map((stop) => stop()))),
  };
}

/** What no two servers have alike. */
const times = /Timestamp$/;

/** Lists sorted, since a server's instances have no order. */
function withoutTimes(value: unknown): unknown {
  const compare = (one: unknown, other: unknown) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);
  if (Array.isArray(value)) return value.map(withoutTimes).sort(compare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(compare)
      .filter(([key]) => !times.test(key))
      .map(([key, one]) => [key, withoutTimes(one)]),
  );
}

/** Its converter of single instances writes another status than the JSON and the lists have. */
const mendStatus = (xml: string) => xml.replace('<status>DOWN<', '<status>OUT_OF_SERVICE<');

/** The elements with their texts, sorted, since entries of metadata have no order. */
function listElements(xml: string): readonly string[] {
  const elements = xml.match(/<[^/][^>]*>[^<]*/g) ?? [];
  return elements
    .map((one) => one.trim())
    .filter((one) => !/^<\w+Timestamp>/.test(one))
    .sort();
}

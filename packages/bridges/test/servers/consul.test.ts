import { Resolver } from 'node:dns/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { memorySource, sourceContract } from '@amplify-discovery/test-rig';
import fc from 'fast-check';
import type { HealthEntry } from '../../src/consul/consul-client.ts';
import {
  createConsulFacade,
  createConsulSource,
  createConsulTarget,
  createFacadeView,
  openSource,
  openTarget,
  purgeStage,
  runBridge,
  syncStage,
  type ConsulSourceOptions,
} from '../../src/index.ts';
import { runConsulScenario } from '../consul-scenario.ts';
import { memoryTarget } from '../memory-target.ts';
import { recordFetch } from '../record-fetch.ts';
import { targetContract } from '../target-contract.ts';
import { callByName, startBackend } from './call-by-name.ts';
import { raceForKeys } from './race-for-keys.ts';
import { holdFetch } from './hold-fetch.ts';
import { startConsul, type ConsulServer } from './start-consul.ts';
import { syncUnderKills } from './sync-under-kills.ts';

const signal = new AbortController().signal;

/** As a team's own deployment announces an endpoint. */
const announce = (stage: string, service: string, id: string, url: string) => ({
  ID: `${stage}-${service}-${id}`,
  Service: service,
  Address: '10.0.0.1',
  Port: 443,
  Meta: { stage, id, url },
});

sourceContract('Consul', async () => {
  const consul = await startConsul();
  const held = holdFetch();
  return {
    source: createConsulSource({ url: consul.url, fetch: held.fetch }),
    register: ({ stage, service, id = 'default', target }) => consul.register(announce(stage, service, id, target)),
    deregister: (stage, service, id = 'default') => consul.deregister(`${stage}-${service}-${id}`),
    holdNextLoad: held.hold,
    breakDown: () => consul.kill(),
    close: () => consul.close(),
  };
});

targetContract('Consul', async () => {
  const consul = await startConsul();
  return {
    target: createConsulTarget({ url: consul.url }),
    occupy: ({ stage, service, id, target }) =>
      consul.ask('PUT', 'catalog/register', {
        Node: 'discovery',
        Address: 'discovery.invalid',
        NodeMeta: { 'external-node': 'true' },
        Service: { ...announce(stage, service, id, target), ID: `${stage}/${service}/${id}` },
      }) as Promise<never>,
    restart: () => consul.restart(),
    breakDown: () => consul.kill(),
    close: () => consul.close(),
  };
});

describe('Consul', () => {
  let consul: ConsulServer;
  beforeAll(async () => {
    consul = await startConsul();
  });
  afterAll(() => consul.close());

  test('a copy is a service on an external node, which DNS finds by its stage, with its weight', async () => {
    const target = createConsulTarget({ url: consul.url });
    const endpoint = parseEndpoint(
      { service: 'shop', target: 'https://shop.example.com/prod', weight: 5 },
      'dns-stage',
    );
    await target.put(endpoint, { stage: 'dns-stage', mark: 'blue', signal });
    const [found] = (await consul.ask('GET', 'health/service/shop?passing&tag=dns-stage')) as HealthEntry[];
    expect(found).toMatchObject({
      Node: { Node: 'discovery', Meta: { 'external-node': 'true' } },
      Service: {
        ID: 'dns-stage/shop/default',
        Address: 'shop.example.com',
        Port: 443,
        Meta: { stage: 'dns-stage', id: 'default', url: 'https://shop.example.com/prod', 'discovery-bridge': 'blue' },
        Weights: { Passing: 5, Warning: 5 },
      },
    });
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${consul.dnsPort}`]);
    expect(await resolver.resolveSrv('dns-stage.shop.service.consul')).toMatchObject([
      { name: 'shop.example.com', port: 443, weight: 5 },
    ]);
  });

  test('weight 0 gets no traffic from those who ask for passing instances, and some again with a weight', async () => {
    const stage = 'drained';
    const target = createConsulTarget({ url: consul.url });
    const passing = async () =>
      ((await consul.ask('GET', 'health/service/drained?passing')) as HealthEntry[]).map(({ Service }) => Service.ID);
    const put = (weight: number) =>
      target.put(parseEndpoint({ service: 'drained', target: 'https://a.example.com', weight }, stage), {
        stage,
        mark: 'blue',
        signal,
      });
    await put(0);
    expect(await passing()).toEqual([]);
    expect(await consul.ask('GET', 'health/service/drained')).toHaveLength(1);
    await put(1);
    expect(await passing()).toEqual(['drained/drained/default']);
    // Somebody who takes the check away, or sets it, is corrected at the next comparison.
    await put(0);
    await consul.ask('PUT', 'catalog/deregister', { Node: 'discovery', CheckID: 'drained/drained/default:weight' });
    const { objects } = await target.list(stage, { signal });
    expect(objects[0]?.content).not.toBe(
      (
        target.describe(parseEndpoint({ service: 'drained', target: 'https://a.example.com', weight: 0 }, stage)) as {
          content: string;
        }
      ).content,
    );
  });

  test('what Consul has no place for is said, and names that differ in capitals only are one key', async () => {
    const target = createConsulTarget({ url: consul.url });
    const describeOne = (record: object) => target.describe(parseEndpoint(record, 'dev'));
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:jobs';
    const faults = [
      { service: 'jobs', kind: 'function', target: arn },
      { service: 'Consul', target: 'https://a.example.com' },
      { service: 'long', target: `https://a.example.com/${'x'.repeat(500)}` },
      { service: 'long', target: 'https://a.example.com', metadata: { note: 'ü'.repeat(255) } },
    ].map((record) => (describeOne(record) as { fault: string }).fault);
    expect(faults).toEqual([
      `the target ${arn} has no host`,
      'Consul keeps the name "consul" for itself',
      'its target has more than 512 bytes',
      'its metadata has more than 512 bytes',
    ]);
    const source = memorySource();
    for (const service of ['Users', 'users']) {
      source.register({ stage: 'Capitals', service, target: 'https://a.example.com' });
    }
    const sync = () => syncStage({ source, target, mark: 'blue', stage: 'Capitals', signal, sleep: async () => {} });
    const { written, failed, skipped } = await sync();
    expect([written, failed, skipped.map(({ reason }) => reason)]).toEqual([
      1,
      0,
      ['another endpoint has the key "users/default" too'],
    ]);
    expect(await sync()).toMatchObject({ written: 0, failed: 0, removed: 0 });
  });

  test('a node of an agent is refused, whose agent would remove what it does not know', async () => {
    const target = createConsulTarget({ url: consul.url, node: 'server' });
    const refused = { code: 'InvalidOptions', message: expect.stringContaining('"server" is not an external node') };
    await expect(target.list('dev', { signal })).rejects.toMatchObject(refused);
    const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com' }, 'dev');
    await expect(target.put(endpoint, { stage: 'dev', mark: 'blue', signal })).rejects.toMatchObject(refused);
  });

  test('a source reads what is called by https, and leaves out copies, proxies and other stages', async () => {
    const stage = 'native';
    const Meta = { stage };
    const instances = {
      'host-1': { ID: 'web', Service: 'web', Address: 'web-1.example.com', Port: 443, Tags: ['https'], Meta },
      'host-2': {
        ID: 'web',
        Service: 'web',
        Address: 'web-2.example.com',
        Port: 8443,
        Meta: { stage, scheme: 'https', path: 'api/', version: 'v1.2.3', priority: '1' },
        Weights: { Passing: 7, Warning: 1 },
      },
      'host-3': { ID: 'full:1', Service: 'full', Meta: { stage, url: 'https://full.example.com/a', version: 'new' } },
      'host-4': { ID: 'plain', Service: 'plain', Address: 'plain.example.com', Port: 80, Meta },
      'host-5': { ID: 'bare', Service: 'bare', Port: 443, Tags: ['https'], Meta },
      'host-6': { ID: 'else', Service: 'else', Meta: { stage: 'other', url: 'https://else.example.com' } },
      'host-7': { ID: 'copy', Service: 'copy', Meta: { stage, url: 'https://c.example.com', 'discovery-bridge': 'x' } },
      'host-8': {
        ID: 'web-sidecar-proxy',
        Service: 'web-sidecar-proxy',
        Kind: 'connect-proxy',
        Port: 1,
        Proxy: { DestinationServiceName: 'web' },
        Meta: { stage, url: 'https://web.example.com' },
      },
      'host-9': { ID: 'WEB', Service: 'WEB', Meta: { stage, url: 'https://capitals.example.com' } },
    };
    for (const [node, service] of Object.entries(instances)) await consul.register(service, node);
    const source = createConsulSource({ url: consul.url });
    const answer = await source.load({ stage, signal });
    if (answer.unchanged) throw new Error('unchanged was not expected');
    const endpoints = answer.endpoints
      .map((record) => parseEndpoint(record, stage))
      .sort((one, other) => (one.target < other.target ? -1 : 1));
    const metadata = { 'discovery.origin': source.name };
    expect(endpoints).toEqual([
      expect.objectContaining({ service: 'WEB', id: 'host-9', target: 'https://capitals.example.com', weight: 1 }),
      expect.objectContaining({
        service: 'full',
        id: expect.stringMatching(/^host-3-full-1-[\da-f]{8}$/),
        target: 'https://full.example.com/a',
        metadata,
      }),
      expect.objectContaining({ service: 'web', id: 'host-1', target: 'https://web-1.example.com', weight: 1 }),
      expect.objectContaining({
        service: 'web',
        id: 'host-2',
        target: 'https://web-2.example.com:8443/api',
        version: '1.2.3',
        priority: 1,
        weight: 7,
        metadata,
      }),
    ]);
    expect(endpoints.some(({ service, version }) => service === 'full' && version !== undefined)).toBe(false);
  });

  test('an instance whose check fails is left out while another passes, and the revision says so', async () => {
    const stage = 'health';
    const setStatus = (node: string, Status: string) =>
      consul.ask('PUT', 'catalog/register', {
        Node: node,
        Address: '10.0.0.1',
        Check: { Node: node, CheckID: 'c', Name: 'c', Status, ServiceID: 'api' },
      });
    for (const node of ['host-1', 'host-2']) {
      await consul.register({ ID: 'api', Service: 'api', Meta: { stage, url: `https://${node}.example.com` } }, node);
    }
    const source = createConsulSource({ url: consul.url });
    const load = async () => {
      const answer = await source.load({ stage, signal });
      if (answer.unchanged) throw new Error('unchanged was not expected');
      const targets = (answer.endpoints as { target: string }[]).map(({ target }) => target).sort();
      return { targets, revision: answer.revision };
    };
    const both = await load();
    await setStatus('host-1', 'critical');
    const one = await load();
    await setStatus('host-2', 'critical');
    const none = await load();
    await setStatus('host-1', 'passing');
    const other = await load();
    expect([both, one, none, other].map(({ targets }) => targets.map((target) => target.slice(8, 14)))).toEqual([
      ['host-1', 'host-2'],
      ['host-2'],
      ['host-1', 'host-2'],
      ['host-1'],
    ]);
    expect(new Set([both, one, other].map(({ revision }) => revision)).size).toBe(3);
    expect(none.revision).toBe(both.revision);
  });

  test('stages by tag, by datacenter, and a Consul of one stage; names of Consul’s own', async () => {
    const url = (name: string) => `https://${name}.example.com`;
    await consul.register({ ID: 'm1', Service: 'prod-mail', Tags: ['by-tag'], Meta: { url: url('mail') } }, 'host-1');
    const load = async (options: Partial<ConsulSourceOptions>, stage: string) => {
      const answer = await createConsulSource({ url: consul.url, ...options }).load({ stage, signal });
      if (answer.unchanged) throw new Error('unchanged was not expected');
      return (answer.endpoints as { service: string }[]).map(({ service }) => service);
    };
    expect(await load({ stageBy: 'tag' }, 'by-tag')).toEqual(['prod-mail']);
    expect(await load({ stageBy: 'tag' }, 'other')).toEqual([]);
    expect(await load({ stageBy: 'datacenter' }, 'dc1')).toContain('prod-mail');
    expect(await load({ stageBy: 'datacenter' }, 'dc2')).toEqual([]);
    const findName = (name: string, stage: string) =>
      name.startsWith(`${stage}-`) ? name.slice(stage.length + 1) : undefined;
    expect(await load({ stageBy: 'any', findName }, 'prod')).toEqual(['mail']);
    await expect(load({ datacenter: 'elsewhere' }, 'prod')).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: expect.stringContaining('No path to datacenter'),
    });
  });

  test('a change is answered to whoever waits for it, of a service and of a check', async () => {
    const stage = 'watched';
    const source = createConsulSource({ url: consul.url });
    const loadAndWait = async (change: () => Promise<unknown>) => {
      await source.load({ stage, signal });
      const waiting = source.waitForChange({ stage, signal });
      await change();
      await waiting;
      return source.load({ stage, signal });
    };
    const api = { ID: 'watched', Service: 'watched', Meta: { stage, url: 'https://watched.example.com' } };
    expect(await loadAndWait(() => consul.register(api))).toMatchObject({ endpoints: [{ service: 'watched' }] });
    const check = { Node: 'host-1', CheckID: 'w', Name: 'w', Status: 'critical', ServiceID: 'watched' };
    await loadAndWait(() =>
      consul.ask('PUT', 'catalog/register', { Node: 'host-1', Address: '10.0.0.1', Check: check }),
    );
    const stop = new AbortController();
    await source.load({ stage, signal });
    const waiting = source.waitForChange({ stage, signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  test('a bridge copies at once what Consul says has changed, long before it would ask again', async () => {
    const stage = 'bridged';
    const stop = new AbortController();
    const register = (name: string) =>
      consul.register({ ID: name, Service: name, Meta: { stage, id: 'default', url: `https://${name}.example.com` } });
    await register('one');
    const target = memoryTarget();
    const copied: string[] = [];
    let registered: Promise<void> | undefined;
    const source = createConsulSource({ url: consul.url });
    const bridge = runBridge({
      source,
      target,
      mark: 'blue',
      stages: [stage],
      intervalSeconds: 3600,
      signal: stop.signal,
      onResult: (_stage, result) => {
        const news =
          'error' in result ? [String(result.error)] : (result.plan?.puts ?? []).map(({ service }) => service);
        copied.push(...news);
        if (copied.length === 1) registered = register('two');
        if (copied.length > 1) stop.abort();
      },
    });
    await bridge;
    await registered;
    expect(copied).toEqual(['one', 'two']);
  });

  test('an Amplify app calls by name what only Consul knows', async () => {
    const backend = await startBackend('from Consul');
    try {
      await consul.register({ ID: 'users', Service: 'users', Meta: { stage: 'app', url: backend.url } });
      expect(await callByName(createConsulSource({ url: consul.url }), 'app', 'users')).toBe('from Consul');
    } finally {
      await backend.stop();
    }
  });

  test('two bridges that write one key at once: one has it, the others are refused', async () => {
    await raceForKeys(() => createConsulTarget({ url: consul.url }));
  });

  test('the same references work on a command line', async () => {
    const context = { fetch, env: {}, findCredentials: () => Promise.reject(new Error('not asked')) };
    const target = await openTarget(`consul:${consul.url}?node=other-node&dc=dc1`, context);
    const endpoint = parseEndpoint({ service: 'cli', target: 'https://cli.example.com' }, 'cli');
    await target.put(endpoint, { stage: 'cli', mark: 'blue', signal });
    expect(await consul.ask('GET', 'catalog/service/cli')).toMatchObject([{ Node: 'other-node', Datacenter: 'dc1' }]);
    const source = await openSource(`consul:${consul.url}?stage=tag`, context);
    expect(await source.load({ stage: 'cli', signal })).toMatchObject({ endpoints: [] });
    for (const query of ['stage=name', 'token=x']) {
      await expect(openSource(`consul:${consul.url}?${query}`, context)).rejects.toMatchObject({
        code: 'InvalidOptions',
      });
    }
  });
});

test('the recording that stands in for Consul where it was not built is what the real one answers', async () => {
  const file = 'packages/bridges/test/fixtures/consul-1.14.11.json';
  const consul = await startConsul();
  try {
    const { fetch, exchanges } = recordFetch('x-consul-');
    await runConsulScenario(consul.url, fetch);
    if (process.env['RECORD_CONSUL']) writeFileSync(file, `${JSON.stringify(exchanges, null, 2)}\n`);
    const isIndex = (key: string) => /index$/i.test(key);
    const normalise = (value: unknown) => JSON.stringify(value, (key, one: unknown) => (isIndex(key) ? 'index' : one));
    const lines = (all: readonly unknown[]) => all.map(normalise).sort();
    expect(lines(exchanges)).toEqual(lines(JSON.parse(readFileSync(file, 'utf8')) as unknown[]));
  } finally {
    await consul.close();
  }
});

describe('the facade of Consul beside the real one', () => {
  let consul: ConsulServer;
  beforeAll(async () => {
    consul = await startConsul();
  });
  afterAll(() => consul.close());
  const stage = 'dc1';

  /** Without what depends on the store: indexes, the mark, and the server's own service. */
  const normalise = (answer: unknown): unknown => {
    const skipped = new Set(['CreateIndex', 'ModifyIndex', 'discovery-bridge', 'consul']);
    const text = JSON.stringify(answer, (key, value: unknown) => (skipped.has(key) ? undefined : value));
    const value = JSON.parse(text) as unknown;
    if (!Array.isArray(value)) return value;
    const idOf = (one: { Service?: { ID: string }; ServiceID?: string }) => one.Service?.ID ?? one.ServiceID ?? '';
    return value.sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  };

  test('answers the same of the same endpoints, field by field', async () => {
    const target = createConsulTarget({ url: consul.url });
    const record = fc.record({
      service: fc.constantFrom('users', 'Users', 'orders', 'a.b', 'a_b', 'constructor'),
      id: fc.constantFrom('default', 'canary', 'eu-west-1'),
      kind: fc.constantFrom('rest', 'http', 'graphql'),
      target: fc.constantFrom('https://one.example.com', 'https://two.example.com:8443/a/b'),
      weight: fc.constantFrom(1, 100, 1000),
      version: fc.constantFrom('1.2.3', '1.3.0'),
      metadata: fc.constantFrom({ team: 'a' }, { note: 'with "quotes", commas; and ünïcode\\' }),
    });
    const key = ({ service, id }: { service: string; id: string }) => `${service}/${id}`.toLowerCase();
    const state = fc.uniqueArray(record, { selector: key, maxLength: 10 });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(state, async (records) => {
        const source = memorySource();
        for (const one of records) source.register({ stage, ...one });
        const limits = { allowEmpty: true, minimumShare: 0 };
        await syncStage({ source, target, mark: 'blue', stage, signal, sleep: async () => {}, ...limits });
        const view = createFacadeView({ source, stages: [stage], trustedHosts: ['*.example.com:*'] });
        const facade = createConsulFacade(view);
        const names = [...new Set(records.map(({ service }) => service)), 'nobody', 'USERS'];
        const paths = names.flatMap((name) => [
          `health/service/${name}`,
          `health/service/${name}?passing`,
          `health/service/${name}?tag=dc1&dc=dc1`,
          `health/service/${name}?tag=other`,
          `catalog/service/${name}?tag=DC1`,
        ]);
        for (const path of ['catalog/services', 'catalog/datacenters', ...paths]) {
          const real = await consul.ask('GET', path);
          const ours = await (await facade(new Request(`http://127.0.0.1/v1/${path}`))).json();
          expect([path, normalise(ours)]).toEqual([path, normalise(real)]);
          compared += 1;
        }
      }),
      { numRuns: 15 },
    );
    expect(compared).toBeGreaterThan(150);
  });

  test('refuses what the real one refuses', async () => {
    const view = createFacadeView({ source: memorySource(), stages: [stage], trustedHosts: ['*.example.com'] });
    const facade = createConsulFacade(view);
    for (const query of [
      'index=x',
      'index=-1',
      'wait=x',
      'wait=5',
      'passing=maybe',
      'ns=team',
      'index=5&wait=1parsec',
    ]) {
      const statuses = await Promise.all([
        fetch(`${consul.url}/v1/health/service/users?${query}`),
        facade(new Request(`http://127.0.0.1/v1/health/service/users?${query}`)),
      ]);
      expect([query, ...statuses.map(({ status }) => status)]).toEqual([query, 400, 400]);
    }
  });
});

test('each datacenter is a stage, read and written through the agent of another one', async () => {
  const eu = await startConsul({ datacenter: 'eu' });
  const us = await startConsul({ datacenter: 'us', joins: eu.wanAddress });
  try {
    const isJoined = async () => ((await eu.ask('GET', 'catalog/datacenters')) as string[]).includes('us');
    while (!(await isJoined())) await new Promise((resolve) => setTimeout(resolve, 100));
    const options = { url: eu.url, stageBy: 'datacenter' } as const;
    const target = createConsulTarget(options);
    const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com' }, 'us');
    await target.put(endpoint, { stage: 'us', mark: 'blue', signal });
    expect((await target.list('us', { signal })).objects).toHaveLength(1);
    expect(await target.list('eu', { signal })).toEqual({ objects: [], isComplete: true });
    expect(await target.list('elsewhere', { signal })).toEqual({ objects: [], isComplete: true });
    expect(await us.ask('GET', 'catalog/service/users')).toMatchObject([{ Node: 'discovery', Datacenter: 'us' }]);
    await us.register({ ID: 'orders', Service: 'orders', Meta: { url: 'https://orders.example.com' } });
    const source = createConsulSource(options);
    expect(await source.load({ stage: 'us', signal })).toMatchObject({
      endpoints: [{ service: 'orders', stage: 'us' }],
    });
    expect(await source.load({ stage: 'eu', signal })).toMatchObject({ endpoints: [] });
    const waiting = source.waitForChange({ stage: 'us', signal });
    await us.deregister('orders');
    await waiting;
    expect(await source.load({ stage: 'us', signal })).toMatchObject({ endpoints: [] });
  } finally {
    await Promise.all([eu.close(), us.close()]);
  }
});

describe('Consul with ACLs', () => {
  let consul: ConsulServer;
  beforeAll(async () => {
    consul = await startConsul({ hasAcl: true });
  });
  afterAll(() => consul.close());
  const stage = 'dev';
  const readme = readFileSync('packages/bridges/README.md', 'utf8');
  const [, rulesOfSource = '', rulesOfTarget = ''] =
    /^```text\n# a source\n([^]*?)# a target\n([^]*?)^```$/m.exec(readme) ?? [];
  const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com' }, stage);

  test('the rules of the README are enough for a bridge, and for nothing of other nodes', async () => {
    const token = await consul.createToken(rulesOfTarget);
    await consul.register({ ID: 'theirs', Service: 'theirs', Meta: { stage, url: 'https://theirs.example.com' } });
    const before = await consul.ask('GET', 'catalog/node-services/host-1');
    const target = createConsulTarget({ url: consul.url, token });
    const source = memorySource();
    source.register({ ...endpoint });
    const sync = () =>
      syncStage({ source, target, mark: 'blue', stage, signal, sleep: async () => {}, allowEmpty: true });
    expect(await sync()).toMatchObject({ written: 1, failed: 0 });
    await target.statuses?.put({ mark: 'blue', syncedAt: 0, program: 'test' }, { stage, signal });
    source.deregister(stage, 'users');
    expect(await sync()).toMatchObject({ removed: 1, failed: 0 });
    await purgeStage({ target, mark: 'blue', stage, signal });
    expect(await consul.ask('GET', 'catalog/node-services/host-1')).toEqual(before);
  });

  test('a token that may read but not write gets an error that says what it lacks, and has changed nothing', async () => {
    const token = await consul.createToken(rulesOfSource);
    expect(await createConsulSource({ url: consul.url, token }).load({ stage, signal })).toMatchObject({
      endpoints: [{ service: 'theirs' }],
    });
    const target = createConsulTarget({ url: consul.url, token });
    await expect(target.put(endpoint, { stage, mark: 'blue', signal })).rejects.toMatchObject({
      code: 'RegistryDenied',
      message: expect.stringMatching(/Permission denied.*lacks permission 'service:write'.*CONSUL_HTTP_TOKEN/s),
    });
    expect(await consul.ask('GET', 'catalog/service/users')).toEqual([]);
  });

  test('no token and a wrong one are denied or see nothing, and never take away what was copied', async () => {
    const owner = createConsulTarget({ url: consul.url, token: await consul.createToken(rulesOfTarget) });
    await owner.put(endpoint, { stage, mark: 'blue', signal });
    const wrong = createConsulSource({ url: consul.url, token: 'f0000000-0000-4000-8000-000000000000' });
    await expect(wrong.load({ stage, signal })).rejects.toMatchObject({
      code: 'RegistryDenied',
      message: expect.stringMatching(/ACL not found.*CONSUL_HTTP_TOKEN/s),
    });
    const nobody = createConsulTarget({ url: consul.url });
    expect(await nobody.list(stage, { signal })).toMatchObject({ objects: [] });
    await expect(nobody.put(endpoint, { stage, mark: 'blue', signal })).rejects.toMatchObject({
      code: 'RegistryDenied',
    });
    expect((await owner.list(stage, { signal })).objects).toHaveLength(1);
  });

  test('a token that sees only a part makes the answer partial and the list incomplete', async () => {
    const token = await consul.createToken('node_prefix "" { policy = "read" } service "other" { policy = "read" }');
    expect(await createConsulSource({ url: consul.url, token }).load({ stage, signal })).toMatchObject({
      endpoints: [],
      partial: true,
    });
    const target = createConsulTarget({ url: consul.url, token });
    expect(await target.list(stage, { signal })).toEqual({ objects: [], isComplete: false });
    await expect(target.put(endpoint, { stage, mark: 'blue', signal })).rejects.toMatchObject({
      code: 'RegistryDenied',
      message: expect.stringContaining('may not read "dev/users/default"'),
    });
  });
});

describe('Consul that fails', () => {
  test('killed ten times in the middle of fifty syncs, it ends right, and has lost nobody else’s', async () => {
    const consul = await startConsul();
    try {
      await consul.register({ ID: 'dev/s1/theirs', Service: 's1', Meta: { stage: 'dev' } });
      await syncUnderKills(createConsulTarget({ url: consul.url }), () => consul.restart());
      expect(await consul.ask('GET', 'catalog/node-services/host-1')).toMatchObject({
        Services: [{ ID: 'dev/s1/theirs' }],
      });
    } finally {
      await consul.close();
    }
  }, 180_000);

  test('from its death to its return, every list is whole or an error', async () => {
    const consul = await startConsul();
    try {
      const target = createConsulTarget({ url: consul.url });
      const source = createConsulSource({ url: consul.url });
      await consul.register(announce('dev', 'theirs', 'default', 'https://theirs.example.com'));
      for (let one = 0; one < 20; one++) {
        const endpoint = parseEndpoint({ service: `s${one}`, target: 'https://a.example.com' }, 'dev');
        await target.put(endpoint, { stage: 'dev', mark: 'blue', signal });
      }
      const sizes = new Set<string>();
      for (let round = 0; round < 5; round++) {
        const restarted: true[] = [];
        const restarting = consul.restart().finally(() => restarted.push(true));
        while (restarted.length === 0) {
          const [listed, loaded] = await Promise.allSettled([
            target.list('dev', { signal }),
            source.load({ stage: 'dev', signal }),
          ]);
          sizes.add(listed.status === 'rejected' ? codeOf(listed.reason) : `list ${listed.value.objects.length}`);
          if (loaded.status === 'rejected') sizes.add(codeOf(loaded.reason));
          else if (!loaded.value.unchanged) sizes.add(`load ${loaded.value.endpoints.length}`);
        }
        await restarting;
      }
      sizes.delete('list 20');
      sizes.delete('load 1');
      expect([...sizes]).toEqual(['RegistryUnavailable']);
    } finally {
      await consul.close();
    }
  }, 120_000);

  test('a network that is cut, or answers nothing, is unavailable, and nothing of a half-written sync is lost', async () => {
    const consul = await startConsul();
    try {
      let allowed = Infinity;
      const cut: typeof fetch = async (...args) => {
        allowed -= 1;
        if (allowed >= 0) return fetch(...args);
        if (allowed % 2 === 0) throw new TypeError('fetch failed');
        return new Promise((_resolve, reject) => {
          const { signal: limit } = args[1] as { signal: AbortSignal };
          limit.addEventListener('abort', () => reject(limit.reason));
        });
      };
      const target = createConsulTarget({ url: consul.url, fetch: cut, timeoutMs: 50 });
      const patient = createConsulTarget({ url: consul.url });
      const source = memorySource();
      const sync = (to = target) =>
        syncStage({
          source,
          target: to,
          mark: 'blue',
          stage: 'dev',
          signal,
          sleep: async () => {},
          allowEmpty: true,
          minimumShare: 0,
        });
      for (let round = 0; round < 30; round++) {
        source.register({ stage: 'dev', service: `s${round % 6}`, target: `https://v${round}.example.com` });
        source.deregister('dev', `s${(round + 3) % 6}`);
        // Cut after so many requests: in the list, before and between the writes.
        allowed = round % 8;
        const [result] = await Promise.allSettled([sync()]);
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'RegistryUnavailable' });
      }
      allowed = Infinity;
      await sync(patient);
      expect(await sync(patient)).toMatchObject({ written: 0, removed: 0, failed: 0 });
      const { objects } = await patient.list('dev', { signal });
      expect(objects.map(({ key }) => key).sort()).toEqual(['s3/default', 's4/default', 's5/default']);
    } finally {
      await consul.close();
    }
  });
});

const codeOf = (error: unknown) => String((error as { code?: unknown }).code);

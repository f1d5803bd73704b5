import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { renderTxt } from '../../src/dns/record-text.ts';
import type { RecordSet } from '../../src/dns/zone-store.ts';
import { createRoute53Store } from '../../src/route53/create-route53-store.ts';
import { createRoute53Target, syncStage } from '../../src/index.ts';
import { targetContract } from '../target-contract.ts';
import { mendRoute53 } from './mend-route53.ts';
import { createChangingStage } from './create-changing-stage.ts';
import { raceForKeys } from './race-for-keys.ts';
import { findFreePort, serversFolder, startProgram } from './start-program.ts';

/** Two emulators of Route 53. moto doesn't write on condition, and is mended in front of it: mend-route53.ts. */
const moto = {
  name: 'moto',
  program: join(serversFolder, 'python/bin/moto_server'),
  makeArgs: (port: number) => ['-H', '127.0.0.1', '-p', String(port)],
  makeEnv: () => ({}),
  mend: mendRoute53,
};
const ministack = {
  name: 'ministack',
  program: join(serversFolder, 'python/bin/ministack'),
  makeArgs: () => [],
  makeEnv: (port: number) => ({ GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0' }),
  mend: (fetch: typeof globalThis.fetch) => fetch,
};

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
const { signal } = new AbortController();

async function startRoute53({ program, makeArgs, makeEnv, mend }: typeof moto | typeof ministack) {
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const start = () =>
    startProgram({
      command: program,
      args: makeArgs(port),
      env: makeEnv(port),
      isReady: async () => (await fetch(endpoint, { signal: AbortSignal.timeout(1000) })).status < 600,
    });
  const { kill } = await start();
  const created = await fetch(`${endpoint}/2013-04-01/hostedzone`, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261126/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=0',
    },
    body:
      '<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>internal.test</Name>' +
      '<CallerReference>one</CallerReference></CreateHostedZoneRequest>',
  });
  const hostedZoneId = /<Id>\/hostedzone\/(\w+)<\/Id>/.exec(await created.text())?.[1] ?? '';
  const requests: { readonly path: string; readonly body: string }[] = [];
  const mended = mend(fetch);
  const counted: typeof fetch = (input, init) => {
    requests.push({ path: String(input), body: String(init?.body ?? '') });
    return mended(input, init);
  };
  const options = { hostedZoneId, credentials, endpoint, fetch: counted, requestsPerSecond: 1e6 };
  const store = createRoute53Store(options);
  const write = async (after: Omit<RecordSet, 'ttlSeconds'>) => {
    const call = { stage: 'by hand', signal };
    const before = (await store.find([after.name], call)).find(({ type }) => type === after.type);
    expect(await store.replace([{ before, after: { ...after, ttlSeconds: 300 } }], call)).toBe(true);
  };
  return { options, store, write, requests, kill };
}

for (const emulator of [moto, ministack]) {
  targetContract(
    `Route 53 (${emulator.name})`,
    async () => {
      const { options, write, kill } = await startRoute53(emulator);
      return {
        target: createRoute53Target(options),
        occupy: async ({ stage, service, target }) => {
          const name = `_https._tcp.${service}.${stage}.internal.test`;
          await write({ name, type: 'SRV', values: [`0 0 443 ${new URL(target).hostname}.`] });
          await write({ name, type: 'TXT', values: [renderTxt(['path=/prod'])] });
        },
        breakDown: kill,
        close: kill,
      };
    },
    { isManaged: true, runs: 8 },
  );

  describe(`a hosted zone (${emulator.name})`, () => {
    const make = (service: string, more: object = {}) =>
      parseEndpoint({ service, target: `https://${service}.example.com/prod`, ...more }, 'dev');

    test('has for each service what any SRV client reads, and an index of the services', async () => {
      const { options, store, kill } = await startRoute53(emulator);
      try {
        const target = createRoute53Target(options);
        const write = { stage: 'dev', mark: 'blue', signal };
        await target.put(make('users', { weight: 90 }), write);
        await target.put(make('users', { id: 'canary', weight: 10, target: 'https://canary.example.com:8443' }), write);
        const sets = await store.list('dev.internal.test', { stage: 'dev', signal });
        const at = sets.filter(({ name }) => name === '_https._tcp.users.dev.internal.test');
        expect(at.map(({ type, ttlSeconds, values }) => [type, ttlSeconds, [...values].sort()])).toEqual([
          ['SRV', 60, ['0 10 8443 canary.example.com.', '0 90 443 users.example.com.']],
          [
            'TXT',
            60,
            [
              '"id=canary" "host=canary.example.com" "port=8443" "priority=0" "weight=10" "path=/" "kind=rest" "discovery.bridge=blue"',
              '"id=default" "host=users.example.com" "port=443" "priority=0" "weight=90" "path=/prod" "kind=rest" "discovery.bridge=blue"',
            ],
          ],
        ]);
        expect(sets.filter(({ type }) => type === 'PTR').flatMap(({ values }) => values)).toContain(
          '_https._tcp.users.dev.internal.test.',
        );
      } finally {
        await kill();
      }
    });

    test('is read in pages, and a sync writes with one request for an endpoint', async () => {
      const { options, requests, kill } = await startRoute53(emulator);
      try {
        const source = memorySource();
        for (let count = 0; count < 130; count++)
          source.register({ stage: 'dev', service: `s${count}`, target: 'https://x.example.com' });
        const sync = () =>
          syncStage({
            source,
            target: createRoute53Target(options),
            mark: 'blue',
            stage: 'dev',
            signal,
            sleep: async () => {},
          });
        requests.length = 0;
        expect(await sync()).toMatchObject({ written: 130, failed: 0 });
        expect(requests.length).toBe(132);
        requests.length = 0;
        expect(await sync()).toMatchObject({ written: 0, removed: 0, plan: { unchanged: 130 } });
        expect(requests.map(({ path }) => path).filter((path) => path.includes('/rrset?')).length).toBe(2);
      } finally {
        await kill();
      }
    }, 60_000);

    test('a record that somebody changes between reading and writing is not overwritten', async () => {
      const { options, write, store, kill } = await startRoute53(emulator);
      try {
        const target = createRoute53Target(options);
        const by = { stage: 'dev', mark: 'blue', signal };
        await target.put(make('users'), by);
        await target.list('dev', { signal });
        const name = '_https._tcp.users.dev.internal.test';
        await write({ name, type: 'TXT', values: ['"path=/theirs"'] });
        await expect(target.put(make('users', { weight: 1 }), by)).rejects.toMatchObject({
          code: 'RegistrationConflict',
        });
        await target.remove({ key: 'users/default', content: '', mark: 'blue' }, by);
        const [txt] = (await store.find([name], by)).filter(({ type }) => type === 'TXT');
        expect(txt?.values).toEqual(['"path=/theirs"']);
      } finally {
        await kill();
      }
    });
  });
}

describe('a bridge into Route 53', () => {
  test('whose answers get lost in the middle of fifty syncs ends right', async () => {
    const { options, kill } = await startRoute53(ministack);
    try {
      let count = 0;
      const lossy: typeof fetch = async (input, init) => {
        const answer = await options.fetch(input, init);
        if ((count += 1) % 6 !== 0) return answer;
        await answer.body?.cancel();
        throw new TypeError('the connection broke');
      };
      const target = createRoute53Target({ ...options, fetch: lossy });
      const { source, services, change } = createChangingStage();
      const sync = (into = target) =>
        syncStage({
          source,
          target: into,
          mark: 'blue',
          stage: 'dev',
          signal,
          sleep: async () => {},
          allowEmpty: true,
        });
      let troubled = 0;
      for (let round = 0; round < 50; round++) {
        change(round);
        const [result] = await Promise.allSettled([sync()]);
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'RegistryUnavailable' });
        troubled += Number(result.status === 'rejected' || result.value.failed > 0);
      }
      expect(troubled).toBeGreaterThan(20);
      const sound = createRoute53Target(options);
      await sync(sound);
      const { objects } = await sound.list('dev', { signal });
      expect(objects.map(({ key }) => key).sort()).toEqual([...services].map((service) => `${service}/default`).sort());
      expect(await sync(sound)).toMatchObject({ written: 0, removed: 0 });
    } finally {
      await kill();
    }
  });

  test('beside two others that write one key at once: one has it, the others are refused', async () => {
    const { options, kill } = await startRoute53(ministack);
    try {
      await raceForKeys(() => createRoute53Target(options));
    } finally {
      await kill();
    }
  });
});

describe('a client of Route 53', () => {
  const options = { hostedZoneId: 'Z1', credentials };
  const call = { stage: 'dev', signal };
  const zone = '<GetHostedZoneResponse><HostedZone><Name>Internal.Test.</Name></HostedZone></GetHostedZoneResponse>';

  test('spreads its requests, repeats a throttled one, and signs for us-east-1', async () => {
    const waits: number[] = [];
    let asked = 0;
    const store = createRoute53Store({
      ...options,
      now: () => 0,
      sleep: async (ms) => void waits.push(ms),
      fetch: async (_url, init) => {
        expect(new Headers(init?.headers).get('authorization')).toContain('/us-east-1/route53/aws4_request');
        const throttled =
          '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>';
        return (asked += 1) === 1 ? new Response(throttled, { status: 400 }) : new Response(zone);
      },
    });
    expect([await store.findZone(call), await store.findZone(call)]).toEqual(['internal.test', 'internal.test']);
    expect([asked, waits]).toEqual([2, [1000, 200]]);
  });

  test.each([
    [
      403,
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
      'RegistryDenied',
    ],
    [404, '<ErrorResponse><Error><Code>NoSuchHostedZone</Code></Error></ErrorResponse>', 'RegistryUnavailable'],
    [500, 'oops', 'RegistryUnavailable'],
    [200, '<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet>', 'RegistryUnavailable'],
    [200, 'this is < no XML', 'RegistryUnavailable'],
    [
      200,
      '<ListResourceRecordSetsResponse><IsTruncated>true</IsTruncated></ListResourceRecordSetsResponse>',
      'RegistryUnavailable',
    ],
  ])('an answer %s %s is no empty zone', async (status, body, code) => {
    const store = createRoute53Store({ ...options, fetch: async () => new Response(body, { status }) });
    const error = await store.list('dev.internal.test', call).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, message: expect.stringContaining('route53:Z1') });
  });

  test.each([
    [undefined, 'route53.amazonaws.com', 'us-east-1'],
    ['eu-west-1', 'route53.amazonaws.com', 'us-east-1'],
    ['us-gov-east-1', 'route53.us-gov.amazonaws.com', 'us-gov-west-1'],
    ['cn-north-1', 'route53.amazonaws.com.cn', 'cn-northwest-1'],
  ])('in %s it asks %s and signs for %s', async (region, host, signed) => {
    const asked: string[] = [];
    const store = createRoute53Store({
      ...options,
      region,
      fetch: async (url, init) => {
        asked.push(new URL(String(url)).host, new Headers(init?.headers).get('authorization') ?? '');
        return new Response(zone);
      },
    });
    await store.findZone(call);
    expect(asked).toEqual([host, expect.stringContaining(`/${signed}/route53/`)]);
  });

  test('a change that is larger than Route 53 takes is refused for this endpoint alone', async () => {
    const store = createRoute53Store({ ...options, fetch: async () => new Response(zone) });
    const values = Array.from({ length: 20 }, (_one, count) => renderTxt([`${count}`.padEnd(2000, 'x')]));
    const change = { before: undefined, after: { name: 'a.internal.test', type: 'TXT', ttlSeconds: 60, values } };
    await expect(store.replace([change], call)).rejects.toMatchObject({ code: 'InvalidRecord' });
  });
});

import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { createUpdateStore } from '../../src/dns/update/create-update-store.ts';
import { createDnsSource, createDnsTarget, syncStage } from '../../src/index.ts';
import { targetContract } from '../target-contract.ts';
import { createChangingStage } from './create-changing-stage.ts';
import { raceForKeys } from './race-for-keys.ts';
import { startBind, tsigKey, type Bind } from './start-bind.ts';

const zone = 'internal.test';
const { signal } = new AbortController();
const make = (service: string, more: object = {}) =>
  parseEndpoint({ service, target: `https://${service}.example.com/prod`, ...more }, 'dev');

async function withBind(
  task: (bind: Bind, options: { zone: string; server: string; key: typeof tsigKey }) => Promise<void>,
) {
  const bind = await startBind();
  try {
    await task(bind, { zone, server: bind.server, key: tsigKey });
  } finally {
    await bind.close();
  }
}

/** What a target lists whose server's first answer passes through this hand. */
async function readThrough(
  options: { zone: string; server: string; key: typeof tsigKey },
  hand: (bytes: Buffer) => Buffer,
) {
  const port = Number(options.server.split(':')[1]);
  let size = 0;
  const proxy = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.pipe(upstream);
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.once('close', () => upstream.destroy());
    const answer: Buffer[] = [];
    upstream.on('data', (bytes) => {
      answer.push(bytes);
      const all = Buffer.concat(answer);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return;
      size = all.length;
      client.end(hand(all));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port: own } = proxy.address() as AddressInfo;
  const target = createDnsTarget({ ...options, server: `127.0.0.1:${own}` });
  const outcome = await target.list('dev', { signal }).catch((error: unknown) => error as { code: string });
  await new Promise((resolve) => proxy.close(resolve));
  return { ...outcome, ...('code' in outcome && { code: outcome.code }), size };
}

targetContract('a DNS server', async () => {
  const bind = await startBind();
  return {
    target: createDnsTarget({ zone, server: bind.server, key: tsigKey }),
    occupy: ({ stage, service, target }) =>
      bind.update(
        `update add _https._tcp.${service}.${stage}.${zone} 60 SRV 0 0 443 ${new URL(target).hostname}.`,
        `update add _https._tcp.${service}.${stage}.${zone} 60 TXT "path=/prod"`,
      ),
    restart: bind.restart,
    breakDown: bind.kill,
    close: bind.close,
  };
});

describe('a DNS server as a target', () => {
  test('has what dig reads: SRV, TXT and the index', () =>
    withBind(async (bind, options) => {
      const target = createDnsTarget(options);
      const write = { stage: 'dev', mark: 'blue', signal };
      await target.put(make('users', { weight: 90, metadata: { note: 'x'.repeat(300) } }), write);
      await target.put(make('users', { id: 'canary', weight: 10, target: 'https://canary.example.com:8443' }), write);
      expect(await bind.dig('SRV', `_https._tcp.users.dev.${zone}`)).toEqual([
        '0 10 8443 canary.example.com.',
        '0 90 443 users.example.com.',
      ]);
      const [canary, first] = await bind.dig('TXT', `_https._tcp.users.dev.${zone}`);
      expect(canary).toBe(
        '"id=canary" "host=canary.example.com" "port=8443" "priority=0" "weight=10" "path=/" "kind=rest" "discovery.bridge=blue"',
      );
      expect(first).toContain(`"metadata={\\"note\\":\\"${'x'.repeat(237)}" "=${'x'.repeat(63)}\\"}"`);
      const [page] = await bind.dig('PTR', `_services._dns-sd._udp.dev.${zone}`);
      expect(await bind.dig('PTR', page ?? '')).toEqual([`_https._tcp.users.dev.${zone}.`]);
      const [serial] = (await bind.dig('SOA', zone)).map((soa) => soa.split(' ')[2]);
      expect(serial).toBe('3');
    }));

  test('a source passes over the copies, and has what stands beside them', () =>
    withBind(async (bind, options) => {
      await createDnsTarget(options).put(make('copied'), { stage: 'dev', mark: 'blue', signal });
      await bind.update(
        `update add _https._tcp.users.dev.${zone} 60 SRV 0 100 443 users.example.com.`,
        `update add _https._tcp.users.dev.${zone} 60 TXT "path=/prod"`,
      );
      const source = createDnsSource({ zone, server: bind.server, services: ['copied', 'users'] });
      expect(await source.load({ stage: 'dev', signal })).toMatchObject({ endpoints: [{ service: 'users' }] });
    }));

  test('what somebody changes between reading and writing is not overwritten', () =>
    withBind(async (bind, options) => {
      const target = createDnsTarget(options);
      const write = { stage: 'dev', mark: 'blue', signal };
      await target.put(make('users'), write);
      await target.list('dev', { signal });
      const at = `_https._tcp.users.dev.${zone}`;
      await bind.update(`update delete ${at} TXT`, `update add ${at} 60 TXT "path=/theirs"`);
      await expect(target.put(make('users', { weight: 1 }), write)).rejects.toMatchObject({
        code: 'RegistrationConflict',
      });
      await target.remove({ key: 'users/default', content: '', mark: 'blue' }, write);
      expect(await bind.dig('TXT', at)).toEqual(['"path=/theirs"']);
    }));

  test('an SRV or PTR record that somebody has changed or removed is mended by the next comparison', () =>
    withBind(async (bind, options) => {
      const source = memorySource();
      source.register({ stage: 'dev', service: 'users', target: 'https://users.example.com' });
      const target = createDnsTarget(options);
      const sync = () => syncStage({ source, target, mark: 'blue', stage: 'dev', signal });
      await sync();
      const at = `_https._tcp.users.dev.${zone}`;
      await bind.update(
        `update add ${at} 60 SRV 9 9 9 stranger.example.com.`,
        `update delete _services._dns-sd._udp.dev.${zone}`,
      );
      expect(await sync()).toMatchObject({ written: 1 });
      expect(await bind.dig('SRV', at)).toEqual(['0 100 443 users.example.com.']);
      expect(await bind.dig('PTR', `_services._dns-sd._udp.dev.${zone}`)).toHaveLength(1);
      expect(await sync()).toMatchObject({ written: 0, plan: { unchanged: 1 } });
    }));

  test('names that differ only in case are one: the first has it, for services and for stages', () =>
    withBind(async (_bind, options) => {
      const target = createDnsTarget(options);
      const put = (service: string, stage: string, id = 'default') =>
        target.put(parseEndpoint({ service, id, target: 'https://x.example.com' }, stage), {
          stage,
          mark: 'blue',
          signal,
        });
      await put('Users', 'Dev');
      const conflict = { code: 'RegistrationConflict' };
      await expect(put('users', 'Dev', 'canary')).rejects.toMatchObject(conflict);
      await expect(put('Users', 'dev')).rejects.toMatchObject(conflict);
      expect((await target.list('dev', { signal })).objects).toMatchObject([{ key: 'users/default', mark: undefined }]);
      expect((await target.list('Dev', { signal })).objects).toMatchObject([{ key: 'users/default', mark: 'blue' }]);
    }));

  test(
    'a stage of more services than BIND takes records of one name is listed whole',
    () =>
      withBind(async (bind, options) => {
        const source = memorySource();
        // So much that a transfer is several messages.
        const metadata = { note: 'x'.repeat(1000) };
        for (let count = 0; count < 250; count++)
          source.register({ stage: 'dev', service: `s${count}`, target: 'https://x.example.com', metadata });
        const target = createDnsTarget(options);
        const sync = () => syncStage({ source, target, mark: 'blue', stage: 'dev', signal, sleep: async () => {} });
        expect(await sync()).toMatchObject({ written: 250, failed: 0 });
        expect(await sync()).toMatchObject({ written: 0, plan: { unchanged: 250 } });
        const pages = await bind.dig('PTR', `_services._dns-sd._udp.dev.${zone}`);
        expect(pages.length).toBeGreaterThan(50);
      }),
    60_000,
  );

  test('a key may be named with the dot at its end', async () => {
    await withBind(async (_bind, options) => {
      const target = createDnsTarget({ ...options, key: { ...tsigKey, name: `${tsigKey.name}.` } });
      expect(await target.list('dev', { signal })).toEqual({ objects: [], isComplete: true });
    });
  });

  test.each([
    ['of another secret', { key: { ...tsigKey, secret: 'b3RoZXI=' } }, 'BADSIG'],
    ['that the server has not', { key: { ...tsigKey, name: 'stranger' } }, 'BADKEY'],
    ['by another clock', { now: () => Date.now() - 3_600_000 }, 'BADTIME'],
    ['for another zone', { zone: 'elsewhere.test' }, 'NOTAUTH'],
    ['that may not transfer it', { zone: 'readable.test' }, 'REFUSED'],
  ])('a key %s is refused, and the error says so', async (_what, more, found) => {
    await withBind(async (_bind, options) => {
      const target = createDnsTarget({ ...options, ...more });
      const failure = { code: 'RegistryDenied', message: expect.stringContaining(found) };
      const write = { stage: 'dev', mark: 'blue', signal };
      await expect(target.list('dev', { signal })).rejects.toMatchObject(failure);
      await expect(target.put(make('users'), write)).rejects.toMatchObject({ code: 'RegistryDenied' });
    });
  });

  test('a transfer that breaks off, or that somebody changes on the way, is refused wherever that happens', () =>
    withBind(async (_bind, options) => {
      const target = createDnsTarget(options);
      for (const service of ['a', 'b', 'c']) await target.put(make(service), { stage: 'dev', mark: 'blue', signal });
      const whole = await readThrough(options, (bytes) => bytes);
      expect(whole).toMatchObject({ objects: { length: 3 } });
      const { size } = whole;
      for (let at = 0; at < size; at += Math.ceil(size / 40)) {
        const cut = await readThrough(options, (bytes) => bytes.subarray(0, at));
        expect(cut).toMatchObject({ code: 'RegistryUnavailable' });
        const changed = await readThrough(options, (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          return bytes;
        });
        expect(changed).toMatchObject({ code: expect.stringMatching(/^Registry/) });
      }
    }));

  test('two bridges that write one key at once: one has it, the other is refused', () =>
    withBind(async (_bind, options) => {
      await raceForKeys(() => createDnsTarget(options));
    }));

  test(
    'killed ten times in the middle of fifty syncs, it ends right',
    () =>
      withBind(async (bind, options) => {
        const target = createDnsTarget(options);
        const { source, services, change } = createChangingStage();
        const sync = () =>
          syncStage({ source, target, mark: 'blue', stage: 'dev', signal, sleep: async () => {}, allowEmpty: true });
        const at = `_https._tcp.theirs.dev.${zone}`;
        await bind.update(`update add ${at} 60 SRV 0 0 443 theirs.example.com.`, `update add ${at} 60 TXT "path=/"`);
        for (let round = 0; round < 50; round++) {
          change(round);
          const [result] = await Promise.allSettled([sync(), round % 5 === 0 ? bind.restart() : undefined]);
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'RegistryUnavailable' });
        }
        await sync();
        const { objects } = await target.list('dev', { signal });
        const keys = [...services, 'theirs'].map((service) => `${service}/default`);
        expect(objects.map(({ key }) => key).sort()).toEqual(keys.sort());
        expect(await createUpdateStore(options).find([at], { stage: 'dev', signal })).toMatchObject([
          { type: 'SRV', values: ['0 0 443 theirs.example.com.'] },
          { type: 'TXT', values: ['"path=/"'] },
        ]);
      }),
    120_000,
  );
});

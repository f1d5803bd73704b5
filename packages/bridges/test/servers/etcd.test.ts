import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { sourceContract } from '@amplify-discovery/test-rig';
import { renderEntry } from '../../src/etcd/endpoint-entry.ts';
import { createEtcdClient } from '../../src/etcd/etcd-client.ts';
import { createEtcdSource, createEtcdTarget } from '../../src/index.ts';
import { targetContract } from '../target-contract.ts';
import { callByName, startBackend } from './call-by-name.ts';
import { raceForKeys } from './race-for-keys.ts';
import { holdFetch } from './hold-fetch.ts';
import { findFreePort, startProgram, type Program } from './start-program.ts';
import { syncUnderKills } from './sync-under-kills.ts';

async function startEtcd() {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-'));
  const [port, peerPort] = [await findFreePort(), await findFreePort()];
  const url = `http://127.0.0.1:${port}`;
  const start = (): Promise<Program> =>
    startProgram({
      command: 'etcd',
      args: [
        `--data-dir=${folder}`,
        `--listen-client-urls=${url}`,
        `--advertise-client-urls=${url}`,
        `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
        `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
        `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
        '--unsafe-no-fsync',
      ],
      env: { ETCD_UNSUPPORTED_ARCH: process.arch },
      isReady: async () => ((await (await fetch(`${url}/health`)).json()) as { health?: string }).health === 'true',
    });
  let running = await start();
  const held = holdFetch();
  const options = { url, fetch: held.fetch };
  const client = createEtcdClient(options);
  const { signal } = new AbortController();
  const place = (stage: string, service: string, id: string) => `/discovery/${stage}/${service}/${id}`;
  /** As somebody's own deployment writes it. */
  const register = async (stage: string, service: string, id: string, metadata: object) => {
    const call = { stage, signal };
    const key = place(stage, service, id);
    const value = JSON.stringify({ Op: 0, Addr: 'unused.example.com:443', Metadata: metadata });
    expect(await client.replace(key, value, await client.find(key, call), call)).toBe(true);
  };
  const deregister = async (stage: string, service: string, id: string) => {
    const call = { stage, signal };
    const key = place(stage, service, id);
    await client.replace(key, undefined, await client.find(key, call), call);
  };
  return {
    options,
    client,
    held,
    register,
    deregister,
    kill: () => running.kill(),
    restart: async () => {
      await running.kill();
      running = await start();
    },
    close: async () => {
      await running.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

sourceContract('etcd', async () => {
  const { options, register, deregister, held, kill, close } = await startEtcd();
  return {
    source: createEtcdSource(options),
    register: ({ stage, service, id = 'default', target }) => register(stage, service, id, { url: target }),
    deregister: (stage, service, id = 'default') => deregister(stage, service, id),
    holdNextLoad: held.hold,
    breakDown: kill,
    close,
  };
});

targetContract('etcd', async () => {
  const { options, register, kill, restart, close } = await startEtcd();
  return {
    target: createEtcdTarget(options),
    occupy: ({ stage, service, id, target }) => register(stage, service, id, { url: target }),
    restart,
    breakDown: kill,
    close,
  };
});

describe('etcd', () => {
  test('an entry has what gRPC’s resolver for etcd reads, and the record’s fields', async () => {
    const { options, client, close } = await startEtcd();
    try {
      const call = { stage: 'dev', signal: new AbortController().signal };
      const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com/prod', weight: 5 }, 'dev');
      await createEtcdTarget(options).put(endpoint, { ...call, mark: 'blue' });
      expect(JSON.parse((await client.find('/discovery/dev/users/default', call))?.value ?? '')).toEqual({
        Op: 0,
        Addr: 'users.example.com:443',
        Metadata: { url: 'https://users.example.com/prod', kind: 'rest', weight: '5', 'discovery.bridge': 'blue' },
      });
    } finally {
      await close();
    }
  });

  test('two prefixes are two systems, and a WebSocket has an address as well', async () => {
    const { options, close } = await startEtcd();
    try {
      const [one, other] = [createEtcdTarget(options), createEtcdTarget({ ...options, prefix: '/other/' })];
      expect(one.name).not.toBe(other.name);
      const endpoint = parseEndpoint({ service: 'chat', kind: 'websocket', target: 'wss://chat.example.com' }, 'dev');
      expect(one.describe(endpoint)).toMatchObject({ key: 'chat/default' });
      expect(JSON.parse(renderEntry(endpoint, 'blue'))).toMatchObject({ Addr: 'chat.example.com:443' });
      const target = 'arn:aws:lambda:eu-west-1:123456789012:function:jobs';
      const job = parseEndpoint({ service: 'jobs', kind: 'function', target }, 'dev');
      expect(one.describe(job)).toEqual({ fault: expect.stringContaining('has no host') });
    } finally {
      await close();
    }
  });

  test('a source leaves out copies, deeper keys and values of another layout, and names where the others come from', async () => {
    const { options, client, register, close } = await startEtcd();
    try {
      const call = { stage: 'dev', signal: new AbortController().signal };
      await register('dev', 'users', 'default', { url: 'https://users.example.com', version: '1.2.3' });
      await register('dev', 'copied', 'default', { url: 'https://copied.example.com', 'discovery.bridge': 'blue' });
      await register('dev', 'plain', 'default', {});
      for (const [key, value] of Object.entries({
        'x/y/z': '{"Metadata":{"url":"https://x.example.com"}}',
        'raw/default': 'text',
      }))
        await client.replace(`/discovery/dev/${key}`, value, undefined, call);
      expect(await createEtcdSource(options).load(call)).toMatchObject({
        endpoints: [{ service: 'users', version: '1.2.3', metadata: { 'discovery.origin': client.name } }],
      });
    } finally {
      await close();
    }
  });

  test('an Amplify app calls by name what only etcd knows', async () => {
    const [{ options, register, close }, backend] = await Promise.all([startEtcd(), startBackend('from etcd')]);
    try {
      await register('dev', 'users', 'default', { url: backend.url });
      expect(await callByName(createEtcdSource(options), 'dev', 'users')).toBe('from etcd');
    } finally {
      await Promise.all([close(), backend.stop()]);
    }
  });

  test('two bridges that write one key at once: one has it, the other is refused', async () => {
    const { options, close } = await startEtcd();
    try {
      await raceForKeys(() => createEtcdTarget(options));
    } finally {
      await close();
    }
  });

  test('killed ten times in the middle of fifty syncs, it ends right', async () => {
    const { options, restart, close } = await startEtcd();
    try {
      await syncUnderKills(createEtcdTarget(options), restart);
    } finally {
      await close();
    }
  }, 120_000);
});

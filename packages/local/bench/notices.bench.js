import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idlePause } from '@amplify-discovery/core';
import { startLocalRegistry } from '@amplify-discovery/local';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { watchStages } from '@amplify-discovery/registry/notices';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { WebSocket } from 'ws';

/**
 * How long it takes from the start of a write until another party has read what was written, on this machine: by the registry's
 * notices, with and without the pause of up to half a second in which the readers of a stage spread themselves, and by the watch of
 * etcd, where it is installed. Each change waits for the one before it.
 */
export async function bench() {
  return [
    await benchNotices('change → seen, notices of the local registry', () => 0, 200),
    await benchNotices('change → seen, notices, readers spread over half a second', Math.random, 60),
    await benchEtcd('change → seen, watch of etcd', 200),
  ];
}

async function benchNotices(what, random, count) {
  const registry = await startLocalRegistry();
  const source = registrySource({ transport: apiKeyTransport(registry) });
  const write = sigv4Transport(registry);
  const over = new AbortController();
  const { signal } = over;
  let notice = () => {};
  const noticed = () => new Promise((resolve) => (notice = resolve));
  let next = noticed();
  watchStages({
    url: registry.url,
    stages: ['dev'],
    WebSocket,
    authorize: async (url) => ({ host: new URL(url).host, 'x-api-key': registry.apiKey }),
    onChange: () => notice(),
    onState: () => {},
    signal,
    pause: idlePause,
    now: Date.now,
    random,
  });
  await next;
  const times = [];
  for (let index = 0; index < count; index++) {
    const target = `https://v${index}.example.com`;
    next = noticed();
    const startedAt = performance.now();
    const written = registerEndpoint(write, { stage: 'dev', service: 'users', kind: 'http', target, owner: 'bench' });
    for (;;) {
      await next;
      next = noticed();
      await new Promise((resolve) => setTimeout(resolve, random() * 500));
      const { endpoints } = await source.load({ stage: 'dev', signal });
      if (endpoints[0]?.target === target) break;
    }
    times.push(performance.now() - startedAt);
    await written;
  }
  over.abort();
  await registry.stop();
  return describe(what, times);
}

async function benchEtcd(what, count) {
  if (spawnSync('etcd', ['--version']).error) return { what, figure: 'etcd is not installed' };
  const folder = mkdtempSync(join(tmpdir(), 'bench-etcd-'));
  const [address, peer] = [`http://127.0.0.1:${await findFreePort()}`, `http://127.0.0.1:${await findFreePort()}`];
  const etcd = spawn(
    'etcd',
    [
      ['--data-dir', folder],
      ['--listen-client-urls', address],
      ['--advertise-client-urls', address],
      ['--listen-peer-urls', peer],
      ['--unsafe-no-fsync'],
    ].flat(),
    { stdio: 'ignore' },
  );
  const call = (path, body, signal) =>
    fetch(`${address}/v3/${path}`, { method: 'POST', body: JSON.stringify(body), signal });
  const encode = (text) => Buffer.from(text).toString('base64');
  try {
    while (
      !(await call('kv/range', { key: encode('x') }).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    const over = new AbortController();
    const watching = await call('watch', { create_request: { key: encode('users') } }, over.signal);
    const reader = watching.body.getReader();
    await reader.read();
    const times = [];
    for (let index = 0; index < count; index++) {
      const startedAt = performance.now();
      const written = call('kv/put', { key: encode('users'), value: encode(`https://v${index}.example.com`) });
      await reader.read();
      await (await call('kv/range', { key: encode('users') })).json();
      times.push(performance.now() - startedAt);
      await (await written).arrayBuffer();
    }
    over.abort();
    return describe(what, times);
  } finally {
    etcd.kill();
    await new Promise((resolve) => etcd.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function describe(what, times) {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  return { what, figure: `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms` };
}

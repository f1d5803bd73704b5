import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
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
import { findGoServer } from '../../../scripts/build-go-server.js';

/**
 * How long it takes from the start of a write until another party has read what was written, on this machine: by the registry's
 * notices, with and without the pause of up to half a second in which the readers of a stage spread themselves, by the watch of
 * etcd and by a blocking query of Consul, whose answer is the state itself, where these are installed. Each change waits for the one
 * before it.
 */
export async function bench() {
  return [
    await benchNotices('change → seen, notices of the local registry', () => 0, 200),
    await benchNotices('change → seen, notices, readers spread over half a second', Math.random, 60),
    await benchEtcd('change → seen, watch of etcd', 200),
    await benchConsul('change → seen, blocking query of Consul', 200),
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

async function benchConsul(what, count) {
  const program = findGoServer('consul');
  if (!existsSync(program)) return { what, figure: 'Consul is not built: node scripts/build-go-server.js consul' };
  const [http, server, lan, wan] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  const ports = [
    ['-http-port', http],
    ['-server-port', server],
    ['-serf-lan-port', lan],
    ['-serf-wan-port', wan],
    ['-dns-port', -1],
    ['-grpc-port', -1],
  ];
  const flags = ['-dev', '-bind', '127.0.0.1', '-node', 'bench', '-log-level', 'err', ...ports.flat().map(String)];
  const consul = spawn(program, ['agent', ...flags], { stdio: 'ignore' });
  const call = (path, init) => fetch(`http://127.0.0.1:${http}/v1/${path}`, init);
  const write = (Address) =>
    call('catalog/register', {
      method: 'PUT',
      body: JSON.stringify({ Node: 'host', Address: '127.0.0.1', Service: { ID: 'users', Service: 'users', Address } }),
    });
  try {
    while (
      !(await write('start.example.com').then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    const read = async (index) => {
      const answer = await call(`health/service/users?wait=60s&index=${index}`);
      return { index: answer.headers.get('x-consul-index'), entries: await answer.json() };
    };
    let { index } = await read(0);
    const times = [];
    for (let change = 0; change < count; change++) {
      const address = `v${change}.example.com`;
      let reading = read(index);
      const startedAt = performance.now();
      const written = write(address);
      for (;;) {
        const found = await reading;
        index = found.index;
        if (found.entries[0]?.Service.Address === address) break;
        reading = read(index);
      }
      times.push(performance.now() - startedAt);
      await (await written).arrayBuffer();
    }
    return describe(what, times);
  } finally {
    consul.kill();
    if (consul.exitCode === null) await once(consul, 'exit');
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

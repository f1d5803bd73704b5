import { fileURLToPath } from 'node:url';
import { exportNginx } from '@amplify-discovery/router/nginx';
import { installPeers } from '../../../scripts/install-peers.js';
import { runClients, upload } from './run-clients.js';
import { nginxPath, startNginx, startNode } from './start-servers.js';

const rounds = 5;
const latencyRequests = 1000;
const loadRequests = 5000;
const connections = 50;
const uploads = { count: 20, bytes: 9 * 1024 * 1024 };

/**
 * The router against what one would put in its place, all in front of the same backend with connections kept alive; round by
 * round, so that a busy moment of the machine hits all alike. Each is one process, nginx one worker.
 */
export async function bench() {
  const peers = installPeers(fileURLToPath(new URL('peers', import.meta.url)), 'router-bench-peers');
  const running = [];
  const start = async (starting) => {
    running.push(await starting);
    return running.at(-1);
  };
  try {
    const backend = await start(startNode('backend'));
    const url = `http://127.0.0.1:${backend.port}`;
    const servers = [
      await start(startNode('router', url)),
      await start(startNode('http-proxy', url, peers)),
      await start(startNode('fastify', url, peers)),
      ...(nginxPath ? [await start(startNginx(describeNginx(backend.port)))] : []),
    ];
    const measured = await measureRequests(servers);
    const transfers = await measureTransfers(servers.filter(({ name }) => /^(router|nginx)$/.test(name)));
    return [
      ...describeRequests(measured),
      ...describeTransfers(transfers),
      ...(await measureUploads(url, peers)),
      ...(nginxPath ? await measureConfiguration() : []),
    ];
  } finally {
    for (const server of running.reverse()) await server.stop();
  }
}

function describeNginx(port) {
  return {
    http: `upstream backend { server 127.0.0.1:${port}; keepalive 64; keepalive_requests 1000000; }`,
    server: `location /orders/ { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://backend/; }`,
  };
}

/** Medians over the rounds, by name: latency of one request at a time, requests per second and CPU of many. */
async function measureRequests(servers) {
  const results = servers.map((server) => ({ server, p50: [], p99: [], rate: [], cpu: [] }));
  for (const { port } of servers) await runClients(port, { clients: connections, total: loadRequests });
  for (let round = 0; round < rounds; round += 1) {
    for (const { server, p50, p99 } of results) {
      const { times } = await runClients(server.port, { clients: 1, total: latencyRequests });
      times.sort((left, right) => left - right);
      p50.push(times[Math.floor(times.length * 0.5)]);
      p99.push(times[Math.floor(times.length * 0.99)]);
    }
    for (const { server, rate, cpu } of results) {
      const before = await server.read();
      rate.push((await runClients(server.port, { clients: connections, total: loadRequests })).rate);
      cpu.push(((await server.read()).cpu - before.cpu) / loadRequests);
    }
  }
  return Object.fromEntries(
    results.map(({ server, ...figures }) => [
      server.name,
      Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)])),
    ]),
  );
}

function describeRequests(measured) {
  const { router, nginx } = measured;
  const others = (describe) =>
    Object.entries(measured)
      .filter(([name]) => name !== 'router')
      .map(([name, figures]) => `${name} ${describe(figures)}`)
      .join(', ');
  const ratio = (name) => router.rate / measured[name].rate;
  const slowest = Math.min(ratio('http-proxy'), ratio('fastify'));
  return [
    {
      what: 'router: CPU of a request',
      figure: `${router.cpu.toFixed(0)} µs, ${others(({ cpu }) => `${cpu.toFixed(0)}`)}`,
      target: 'at most 85 µs',
      failed: router.cpu > 85,
    },
    {
      what: `router: requests/s at ${connections} connections`,
      figure: `${router.rate.toFixed(0)}, ${others(({ rate }) => `${rate.toFixed(0)}`)}`,
    },
    {
      what: "router: requests/s ÷ http-proxy's, fastify's",
      figure: `${ratio('http-proxy').toFixed(2)}, ${ratio('fastify').toFixed(2)}`,
      target: 'at least 1',
      failed: slowest < 1,
    },
    {
      what: 'router: latency of one request at a time, p50 (p99)',
      figure: `${router.p50.toFixed(2)} (${router.p99.toFixed(2)}) ms, ${others(({ p50, p99 }) => `${p50.toFixed(2)} (${p99.toFixed(2)})`)}`,
    },
    {
      what: "router: its p50 ÷ nginx's",
      figure: nginx ? (router.p50 / nginx.p50).toFixed(2) : 'nginx is not installed',
      target: 'at most 2',
      failed: nginx !== undefined && router.p50 / nginx.p50 > 2,
    },
  ];
}

/** Megabytes per second of an answer of 100 MB. */
async function measureTransfers(servers) {
  const results = servers.map((server) => ({ server, rate: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { server, rate } of results) {
      const { times } = await runClients(server.port, { path: '/orders/large', clients: 1, total: 1 });
      rate.push(100_000 / times[0]);
    }
  }
  return Object.fromEntries(results.map(({ server, rate }) => [server.name, median(rate)]));
}

function describeTransfers({ router, nginx }) {
  return [
    {
      what: "router: an answer of 100 MB, MB/s ÷ nginx's",
      figure: nginx
        ? `${(router / nginx).toFixed(2)} (${router.toFixed(0)}, nginx ${nginx.toFixed(0)})`
        : 'nginx is not installed',
      target: 'at least 0.9',
      failed: nginx !== undefined && router / nginx < 0.9,
    },
  ];
}

/** Each in a process of its own that has done nothing else. */
async function measureUploads(url, peers) {
  const peaks = {};
  for (const name of ['router', 'http-proxy', 'fastify']) {
    const server = await startNode(name, url, peers);
    try {
      await upload(server.port, uploads);
      peaks[name] = (await server.read()).peakBytes / 1024 / 1024;
    } finally {
      await server.stop();
    }
  }
  const { router, ...others } = peaks;
  const besides = Object.entries(others).map(([name, peak]) => `${name} ${peak.toFixed(0)}`);
  return [
    {
      what: `router: peak memory of ${uploads.count} uploads of ${uploads.bytes / 1024 / 1024} MB at once`,
      figure: `${router.toFixed(0)} MB, ${besides.join(', ')}`,
      target: 'at most 120 MB',
      failed: router > 120,
    },
  ];
}

/** What nginx takes to load a stage of a thousand services over https, beyond one of a single service. */
async function measureConfiguration() {
  const load = async (count) => {
    const services = new Map(
      Array.from({ length: count }, (_, index) => {
        const service = `service-${index}`;
        const target = `https://127.0.0.1:${8000 + index}/prod`;
        const endpoint = { stage: 'bench', service, id: 'default', kind: 'http', target, priority: 0, weight: 100 };
        return [service, [endpoint]];
      }),
    );
    const nginx = await startNginx(exportNginx({ stage: 'bench', services }, { findTrust: () => 'listed' }));
    const used = await nginx.readMaster();
    await nginx.stop();
    return used;
  };
  const [one, many] = [await load(1), await load(1000)];
  const seconds = (many.cpu - one.cpu) / 1e6;
  const megabytes = (many.peakBytes - one.peakBytes) / 1024 / 1024;
  return [
    {
      what: 'router: nginx loads 1,000 services over https, beyond one',
      figure: `${seconds.toFixed(2)} s of CPU, ${megabytes.toFixed(0)} MB`,
      target: 'at most 1 s, 50 MB',
      failed: seconds > 1 || megabytes > 50,
    },
  ];
}

function median(values) {
  return values.sort((left, right) => left - right)[Math.floor(values.length / 2)];
}

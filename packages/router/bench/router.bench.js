import { fileURLToPath } from 'node:url';
import { exportNginx } from '@amplify-discovery/router/nginx';
import { installPeers } from '../../../scripts/install-peers.js';
import { alternate, compare, describeSpread, summarize, watchOthers } from './alternate.js';
import { runClients, upload } from './run-clients.js';
import { nginxPath, startNginx, startNode } from './start-servers.js';

const connections = 50;
/** How often each server has its turn, and with how much: turns are short, so that a busy moment meets all servers. */
const turns = {
  warmUp: { rounds: 5, requests: 2000 },
  load: { rounds: 25, requests: 2000 },
  latency: { rounds: 25, requests: 200 },
  transfer: { rounds: 31 },
  uploads: { rounds: 5 },
};
const uploads = { count: 20, bytes: 9 * 1024 * 1024 };

/**
 * The router against what one would put in its place, all in front of the same backend with connections kept alive. Each is one
 * process, nginx one worker. Figures are medians of many short turns, ratios the medians of the ratios within a round; in
 * brackets is what the middle half of the rounds gave.
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
    const readOthers = await watchOthers(running);
    const measured = await measureRequests(servers);
    const transfers = await alternate(
      servers.filter(({ name }) => /^(router|nginx)$/.test(name)),
      turns.transfer.rounds,
      measureTransfer,
    );
    const others = await readOthers();
    return [
      ...describeRequests(measured),
      ...describeTransfers(transfers),
      {
        what: 'router: share of the machine that other work took meanwhile',
        figure: `${(others * 100).toFixed(0)} %${others > 0.1 ? ': take requests/s, p50 and MB/s for rough figures' : ''}`,
      },
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

/** By server, the figures of all rounds. */
async function measureRequests(servers) {
  const { warmUp, load, latency } = turns;
  await alternate(servers, warmUp.rounds, ({ port }) =>
    runClients(port, { clients: connections, total: warmUp.requests }),
  );
  const underLoad = await alternate(servers, load.rounds, async (server) => {
    const before = await server.read();
    const { rate } = await runClients(server.port, { clients: connections, total: load.requests });
    return { rate, cpu: ((await server.read()).cpu - before.cpu) / load.requests };
  });
  const p50 = await alternate(servers, latency.rounds, async ({ port }) => {
    const { times } = await runClients(port, { clients: 1, total: latency.requests });
    return summarize(times).median;
  });
  return Object.fromEntries(
    servers.map(({ name }) => [
      name,
      {
        rate: underLoad[name].map(({ rate }) => rate),
        cpu: underLoad[name].map(({ cpu }) => cpu),
        p50: p50[name],
      },
    ]),
  );
}

function describeRequests(measured) {
  const { router, nginx } = measured;
  const peers = Object.keys(measured).filter((name) => name !== 'router');
  const list = (figure, digits) =>
    [describeSpread(summarize(router[figure]), digits)]
      .concat(peers.map((name) => `${name} ${summarize(measured[name][figure]).median.toFixed(digits)}`))
      .join(', ');
  const cpu = summarize(router.cpu).median;
  const rates = ['http-proxy', 'fastify'].map((name) => compare(router.rate, measured[name].rate));
  const work = ['http-proxy', 'fastify'].map((name) => compare(router.cpu, measured[name].cpu));
  const delay = nginx && compare(router.p50, nginx.p50);
  return [
    {
      what: 'router: CPU of a request, µs',
      figure: list('cpu', 0),
      target: 'at most 85 µs',
      failed: cpu > 85,
    },
    {
      what: "router: its CPU of a request ÷ http-proxy's, fastify's",
      figure: work.map((ratio) => describeSpread(ratio, 2)).join(', '),
    },
    { what: `router: requests/s at ${connections} connections`, figure: list('rate', 0) },
    {
      what: "router: its requests/s ÷ http-proxy's, fastify's",
      figure: rates.map((ratio) => describeSpread(ratio, 2)).join(', '),
      target: 'at least 1',
      failed: rates.some(({ median }) => median < 1),
    },
    { what: 'router: latency of one request at a time, p50 in ms', figure: list('p50', 3) },
    {
      what: "router: its p50 ÷ nginx's",
      figure: delay ? describeSpread(delay, 2) : 'nginx is not installed',
      target: 'at most 2',
      failed: delay !== undefined && delay.median > 2,
    },
  ];
}

/** What an answer of 100 MB takes: megabytes per second, and milliseconds of the server's CPU. */
async function measureTransfer(server) {
  const before = await server.read();
  const { times } = await runClients(server.port, { path: '/orders/large', clients: 1, total: 1 });
  return { rate: 100_000 / times[0], cpu: ((await server.read()).cpu - before.cpu) / 1000 };
}

function describeTransfers({ router, nginx }) {
  const what = "router: an answer of 100 MB, MB/s ÷ nginx's";
  if (!nginx) return [{ what, figure: 'nginx is not installed', target: 'at least 0.9' }];
  const pick = (figure) => [router, nginx].map((results) => results.map((result) => result[figure]));
  const list = (figure) => pick(figure).map((figures) => summarize(figures).median.toFixed(0));
  const rate = compare(...pick('rate'));
  const [own, peer] = list('rate');
  const [ownCpu, peerCpu] = list('cpu');
  return [
    {
      what,
      figure: `${describeSpread(rate, 2)} (${own}, nginx ${peer})`,
      target: 'at least 0.9',
      failed: rate.median < 0.9,
    },
    {
      what: "router: its CPU of an answer of 100 MB ÷ nginx's",
      figure: `${describeSpread(compare(...pick('cpu')), 2)} (${ownCpu} ms, nginx ${peerCpu})`,
    },
  ];
}

/** Each time in a new process, that has answered a few requests: what compilers take at the first ones is not the uploads'. */
async function measureUploads(url, peers) {
  const names = ['router', 'http-proxy', 'fastify'].map((name) => ({ name }));
  const peaks = await alternate(names, turns.uploads.rounds, async ({ name }) => {
    const server = await startNode(name, url, peers);
    try {
      await runClients(server.port, { clients: 1, total: turns.latency.requests });
      await upload(server.port, uploads);
      return (await server.read()).peakBytes / 1024 / 1024;
    } finally {
      await server.stop();
    }
  });
  const { router, ...others } = peaks;
  const peak = summarize(router);
  const besides = Object.entries(others).map(([name, figures]) => `${name} ${summarize(figures).median.toFixed(0)}`);
  return [
    {
      what: `router: peak memory of ${uploads.count} uploads of ${uploads.bytes / 1024 / 1024} MB at once, MB`,
      figure: [describeSpread(peak, 0), ...besides].join(', '),
      target: 'at most 120 MB',
      failed: peak.median > 120,
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

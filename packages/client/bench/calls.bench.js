import { createServer } from 'node:http';
import { startLocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createDiscovery, discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import { Amplify } from 'aws-amplify';
import { get as plainGet } from 'aws-amplify/api';

/** What a call costs, and how many registry requests an app makes, against real servers on this machine. */
export async function bench() {
  const backend = await listen((_request, response) => response.end('{}'));
  const registry = await startLocalRegistry();
  try {
    const lines = [await warmCall(registry, backend)];
    for (const count of [1, 10, 100]) lines.push(...(await starts(registry, backend, count)));
    lines.push(await concurrentColdCalls(registry));
    return lines;
  } finally {
    await registry.stop();
    backend.server.closeAllConnections();
    backend.server.close();
  }
}

/** Calls by name and plain calls of the same endpoint in turn, so that both meet the same noise; five times. */
async function warmCall(registry, backend) {
  await register(registry, 'warm', 'users', backend.url);
  const config = await discover(outputsOf(registry, 'warm'), { storage: memoryStorage() });
  Amplify.configure({ ...config, API: { REST: { ...config.API.REST, plain: { endpoint: backend.url } } } });
  const microsecondsOf = async (verb, apiName) => {
    const started = performance.now();
    const { body } = await verb({ apiName, path: '/x' }).response;
    await body.text();
    return (performance.now() - started) * 1000;
  };
  const measure = async (rounds) => {
    const [named, plain] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const pair = [
        async () => named.push(await microsecondsOf(get, 'users')),
        async () => plain.push(await microsecondsOf(plainGet, 'plain')),
      ];
      for (const run of round % 2 ? pair : pair.reverse()) await run();
    }
    return { plain: median(plain), ratio: median(named) / median(plain) };
  };
  await measure(1000);
  const runs = [];
  for (let run = 0; run < 5; run++) runs.push(await measure(2000));
  const ratios = runs.map(({ ratio }) => ratio);
  const ratio = median(ratios);
  const peer = median(runs.map(({ plain }) => plain));
  return {
    what: `warm call by name ÷ plain Amplify's, ${peer.toFixed(0)} µs`,
    figure: `${ratio.toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)} in 5 runs)`,
    target: '≤ 1.05',
    failed: ratio > 1.05,
  };
}

async function starts(registry, backend, count) {
  const stage = `with-${count}`;
  for (let index = 0; index < count; index++) await register(registry, stage, `service-${index}`, backend.url);
  const storage = memoryStorage();
  const measure = async () => {
    const before = registry.requests.snapshot ?? 0;
    const config = await discover(outputsOf(registry, stage), { storage });
    if (Object.keys(config.API.REST).length !== count) throw new Error(`expected ${count} services`);
    return registry.requests.snapshot - before;
  };
  const [cold, warm] = [await measure(), await measure()];
  return [
    {
      what: `registry requests of a cold start with ${count} services`,
      figure: `${cold}`,
      target: '1',
      failed: cold !== 1,
    },
    {
      what: `registry requests of a warm start with ${count} services`,
      figure: `${warm}`,
      target: '0',
      failed: warm !== 0,
    },
  ];
}

async function concurrentColdCalls(registry) {
  const { custom } = outputsOf(registry, 'warm');
  const discovery = createDiscovery({ ...custom.discovery, storage: memoryStorage() });
  const before = registry.requests.snapshot;
  await Promise.all(Array.from({ length: 1000 }, () => discovery.resolve('users')));
  const made = registry.requests.snapshot - before;
  return {
    what: 'registry requests of 1,000 concurrent cold calls',
    figure: `${made}`,
    target: '1',
    failed: made !== 1,
  };
}

function listen(handler) {
  return new Promise((resolve) => {
    const server = createServer(handler);
    server.listen(0, '127.0.0.1', () => resolve({ server, url: `http://127.0.0.1:${server.address().port}` }));
  });
}

const register = ({ url, region, credentials }, stage, service, target) =>
  registerEndpoint(sigv4Transport({ url, region, credentials }), {
    stage,
    service,
    kind: 'http',
    target,
    owner: 'bench',
  });

const outputsOf = ({ url, region, apiKey }, stage) => ({
  version: '1.4',
  custom: {
    discovery: { registry: { url, region, auth: { mode: 'apiKey', apiKey } }, stage, trustedHosts: ['127.0.0.1:*'] },
  },
});

function memoryStorage() {
  const items = new Map();
  return {
    getItem: async (key) => items.get(key) ?? null,
    setItem: async (key, value) => void items.set(key, value),
    removeItem: async (key) => void items.delete(key),
    clear: async () => items.clear(),
  };
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}

import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDiscovery } from '@amplify-discovery/lambda';
import { installPeers } from '../../../scripts/install-peers.js';
import { measureImports } from './measure-import.js';
import { startPeerServer } from './peer-server.js';

/** Many short rounds in turn, so that a busy moment of the machine hits all alike. */
const rounds = 101;
const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' };

/** A warm lookup, concurrent misses and a source that is down, beside what one would use instead; import time and size. */
export async function bench() {
  const folder = resolve(installPeers(fileURLToPath(new URL('peers', import.meta.url)), 'lambda-bench-peers'));
  const server = await startPeerServer();
  const peers = makePeers(createRequire(`${folder}/x.js`), server.url);
  const lines = [];
  try {
    lines.push(...(await measureLookups(peers, server.state)));
    lines.push(...(await countMisses(peers, server.state)));
    lines.push(...(await countServedWhileDown(peers, server.state)));
  } finally {
    await server.stop();
  }
  return [...lines, ...(await compareImports(folder))];
}

/** Each: a new client, and one lookup with it. `calls` is how many lookups a round has. */
function makePeers(requirePeer, url) {
  return {
    'amplify-discovery': {
      calls: 1000,
      create(maximumAgeSeconds) {
        const discovery = createDiscovery({
          stage: 'bench',
          registry: { url: `${url}/graphql`, region: 'eu-west-1' },
          cacheFolder: false,
          freshSeconds: maximumAgeSeconds,
          staleWhileRevalidateSeconds: 0,
          recheckSeconds: 0,
          credentials: async () => credentials,
        });
        return () => discovery.resolve('service-7');
      },
    },
    'Powertools parameters': {
      calls: 1000,
      create(maximumAgeSeconds) {
        const { SSMProvider } = requirePeer('@aws-lambda-powertools/parameters/ssm');
        const provider = new SSMProvider({ clientConfig: { endpoint: url, region: 'eu-west-1', credentials } });
        return () => provider.get('/service-7', { maxAge: maximumAgeSeconds });
      },
    },
    'serverless-discovery-sdk': {
      calls: 5,
      create() {
        const { DiscoverySdk } = requirePeer('@adastradev/serverless-discovery-sdk');
        const sdk = new DiscoverySdk(url, 'eu-west-1', 'bench');
        return () => sdk.lookupService('service-7', 'bench');
      },
    },
    'Cloud Map DiscoverInstances': {
      calls: 5,
      create() {
        const { ServiceDiscoveryClient, DiscoverInstancesCommand } = requirePeer('@aws-sdk/client-servicediscovery');
        const client = new ServiceDiscoveryClient({
          endpoint: url,
          region: 'eu-west-1',
          credentials,
          disableHostPrefix: true,
        });
        return () => client.send(new DiscoverInstancesCommand({ NamespaceName: 'bench', ServiceName: 'service-7' }));
      },
    },
  };
}

async function measureLookups(peers, state) {
  const lookups = Object.entries(peers).map(([name, { create, calls }]) => ({
    name,
    calls,
    lookup: create(3600),
    times: [],
    requests: 0,
  }));
  for (const { lookup, calls } of lookups) for (let call = 0; call < calls * 10; call += 1) await lookup();
  for (let round = 0; round < rounds; round += 1) {
    for (const item of lookups) {
      const before = state.requests;
      const started = performance.now();
      for (let call = 0; call < item.calls; call += 1) await item.lookup();
      item.times.push(((performance.now() - started) * 1000) / item.calls);
      item.requests += state.requests - before;
    }
  }
  const medians = lookups.map(({ times }) => times.sort((left, right) => left - right)[Math.floor(rounds / 2)]);
  return lookups.map(({ name, calls, requests }, index) => ({
    what: `lambda: a warm lookup, ${name}`,
    figure: `${medians[index].toFixed(1)} µs (${(medians[index] / medians[0]).toFixed(1)} times), ${(requests / (calls * rounds)).toFixed(0)} requests per call`,
    ...(index === 0 && {
      target: '0 requests, at most 1.5 times Powertools',
      failed: requests > 0 || medians[0] > 1.5 * medians[1],
    }),
  }));
}

async function countMisses(peers, state) {
  const lines = [];
  for (const [name, { create }] of Object.entries(peers)) {
    const lookup = create(3600);
    const before = state.requests;
    await Promise.all(Array.from({ length: 10 }, lookup));
    const requests = state.requests - before;
    const isOurs = name === 'amplify-discovery';
    lines.push({
      what: `lambda: requests for 10 concurrent misses, ${name}`,
      figure: `${requests}`,
      ...(isOurs && { target: '1', failed: requests !== 1 }),
    });
  }
  return lines;
}

async function countServedWhileDown(peers, state) {
  const lines = [];
  for (const [name, { create }] of Object.entries(peers)) {
    const lookup = create(0.05);
    await lookup();
    await new Promise((resolve) => setTimeout(resolve, 100));
    state.isDown = true;
    let served = 0;
    for (let call = 0; call < 5; call += 1)
      await lookup().then(
        () => (served += 1),
        () => {},
      );
    state.isDown = false;
    const isOurs = name === 'amplify-discovery';
    lines.push({
      what: `lambda: served after expiry while the source is down, ${name}`,
      figure: `${served} of 5`,
      ...(isOurs && { target: '5 of 5', failed: served !== 5 }),
    });
  }
  return lines;
}

async function compareImports(folder) {
  const from = (contents, resolveDir = folder) => ({ contents, resolveDir });
  const measured = await measureImports({
    'amplify-discovery': from(`export { createDiscovery } from '@amplify-discovery/lambda'`, process.cwd()),
    'Powertools parameters with client-ssm': from(
      `export { getParameter } from '@aws-lambda-powertools/parameters/ssm'`,
    ),
    'serverless-discovery-sdk': from(`export { DiscoverySdk } from '@adastradev/serverless-discovery-sdk'`),
    'client-servicediscovery': from(
      `export { ServiceDiscoveryClient, DiscoverInstancesCommand } from '@aws-sdk/client-servicediscovery'`,
    ),
  });
  const ours = measured['amplify-discovery'];
  return Object.entries(measured).map(([name, { bytes, milliseconds }]) => ({
    what: `lambda: bundled and imported, ${name}`,
    figure: `${(bytes / 1024).toFixed(1)} KB gzip (${(bytes / ours.bytes).toFixed(1)} times), ${milliseconds.toFixed(1)} ms (${(milliseconds / ours.milliseconds).toFixed(1)} times)`,
    ...(name === 'amplify-discovery' && { target: 'at most 24 KB', failed: bytes > 24 * 1024 }),
  }));
}

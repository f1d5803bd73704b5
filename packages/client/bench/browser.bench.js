import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startLocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

/** What a reload and a second tab cost in Chromium, beside the same without what we do for it. */
export async function bench() {
  const site = await startSite();
  const registry = await startLocalRegistry();
  const { url, region, credentials, apiKey } = registry;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    await registerEndpoint(sigv4Transport({ url, region, credentials }), {
      stage: 'bench',
      service: 'users',
      kind: 'http',
      target: site.url,
      owner: 'bench',
    });
    const options = {
      registry: { url, region, auth: { mode: 'apiKey', apiKey } },
      stage: 'bench',
      trustedHosts: ['127.0.0.1:*'],
    };
    const count = () => registry.requests.snapshot ?? 0;
    return [
      ...(await measureReload(browser, site)),
      await countReload(browser, site, options, count),
      await countTabs(browser, site, options, count),
    ];
  } finally {
    await browser.close();
    await registry.stop();
    site.server.closeAllConnections();
    site.server.close();
  }
}

/** From what storage keeps of 10,000 endpoints to the first answer, and the index alone; JSON.parse of the same is the peer. */
async function measureReload(browser, { url }) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  const { stored, index, whole, parse } = await page.evaluate(() => globalThis.measureReload(10_000, 15));
  const ratio = (value) => `${(value / parse).toFixed(1)} times JSON.parse`;
  return [
    {
      what: 'index of 10,000 endpoints at reload, Chromium, to the first answer',
      figure: `${index.toFixed(1)} ms, ${ratio(index)}`,
      target: '≤ 30 ms',
      failed: index > 30,
    },
    {
      what: `the same with reading, expanding and parsing ${Math.round(stored / 1024)} KB from localStorage`,
      figure: `${whole.toFixed(1)} ms, ${ratio(whole)}`,
      target: '',
    },
  ];
}

async function countReload(browser, { url }, options, count) {
  // What is stored of a registry on this machine does not outlive a reload, so it goes by the name of a deployed one.
  const deployed = 'https://registry.example.com/graphql';
  const settings = { ...options, registry: { ...options.registry, url: deployed } };
  const requestsOf = async (isKept) => {
    const page = await (await browser.newContext()).newPage();
    await page.route(deployed, async (route) => {
      await route.fulfill({ response: await route.fetch({ url: options.registry.url }) });
    });
    await page.goto(url);
    await page.evaluate((given) => globalThis.resolveUsers(...given), [settings, isKept, true]);
    await page.reload();
    const before = count();
    await page.evaluate((given) => globalThis.resolveUsers(...given), [settings, isKept, true]);
    return count() - before;
  };
  const [made, peer] = [await requestsOf(true), await requestsOf(false)];
  return {
    what: 'registry requests after a reload / the same without storage',
    figure: `${made} / ${peer}`,
    target: '0 / 1',
    failed: made !== 0,
  };
}

async function countTabs(browser, { url }, options, count) {
  const requestsOf = async (agree) => {
    const context = await browser.newContext();
    const tabs = [await context.newPage(), await context.newPage()];
    for (const tab of tabs) await tab.goto(url);
    const before = count();
    await Promise.all(
      tabs.map((tab) => tab.evaluate((settings) => globalThis.resolveUsers(...settings), [options, true, agree])),
    );
    return count() - before;
  };
  const [made, peer] = [await requestsOf(true), await requestsOf(false)];
  return {
    what: 'registry requests of two tabs that start at once / the same if tabs do not agree',
    figure: `${made} / ${peer}`,
    target: '1 / 2',
    failed: made !== 1,
  };
}

const app = `
  import { parseSnapshot } from '@amplify-discovery/core';
  import { createDiscovery } from 'amplify-discovery';
  import { sharedInMemoryStorage } from 'aws-amplify/utils';

  globalThis.resolveUsers = async (options, isKept, agree) => {
    const discovery = createDiscovery({
      ...options,
      ...(!isKept && { storage: sharedInMemoryStorage }),
      ...(!agree && { tabs: {} }),
    });
    await discovery.resolve('users');
    await discovery.resolver.settle();
  };

  const median = (values) => values.sort((left, right) => left - right)[values.length >> 1];

  globalThis.measureReload = async (count, rounds) => {
    const endpoints = Array.from({ length: count }, (_, index) => ({
      stage: 'bench', service: 'service-' + index, id: 'default', kind: 'rest',
      target: 'https://a' + index + 'x.execute-api.eu-west-1.amazonaws.com/prod', region: 'eu-west-1',
      signingService: 'execute-api', authMode: 'iam', version: '1.' + (index % 40) + '.0', tenant: null, weight: 100,
      metadata: '{"team":"team-' + (index % 20) + '","commit":"' + (index * 7919).toString(16) + '"}', expiresAt: null,
    }));
    const options = {
      source: { name: 'registry', load: async () => ({ revision: '1', endpoints }) },
      stage: 'bench', trustedHosts: ['*.amazonaws.com'],
    };
    const first = createDiscovery(options);
    await first.refresh();
    await first.resolver.settle();
    const stored = Object.entries(localStorage).find(([key]) => key.endsWith('/bench'))[1].length;
    const text = JSON.stringify({ revision: '1', endpoints, loadedAt: Date.now() });
    const times = { index: [], whole: [], parse: [] };
    for (let round = 0; round < rounds; round++) {
      let started = performance.now();
      const parsed = JSON.parse(text);
      times.parse.push(performance.now() - started);
      started = performance.now();
      parseSnapshot(parsed, 'bench', () => 'listed').find('service-5000');
      times.index.push(performance.now() - started);
      const discovery = createDiscovery(options);
      started = performance.now();
      const { origin } = await discovery.resolve('service-5000');
      times.whole.push(performance.now() - started);
      if (origin !== 'storage') throw new Error('answered from ' + origin);
      discovery.close();
    }
    return { stored, index: median(times.index), whole: median(times.whole), parse: median(times.parse) };
  };
`;

async function startSite() {
  const resolveDir = fileURLToPath(new URL('..', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: app, resolveDir },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const server = createServer((request, response) => {
    if (request.url === '/app.js') response.setHeader('content-type', 'text/javascript').end(outputFiles[0].text);
    else response.setHeader('content-type', 'text/html').end('<script type="module" src="/app.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}/` };
}

import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { brotliDecompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { createResolver } from '@amplify-discovery/core';
import { publishStage } from '@amplify-discovery/publisher';
import { createS3ObjectStore } from '@amplify-discovery/publisher/store';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { openSnapshot, createSnapshotSource } from '@amplify-discovery/snapshots';
import { createLocalKey, createLocalSigner } from '@amplify-discovery/snapshots/seal';
import { makeEndpoints } from '@amplify-discovery/test-rig/make-endpoints';
import { median } from './median.js';

const sizes = [10, 100, 1000, 10_000];
const rounds = 7;
const stage = 'bench';

/** List prices in US dollars, November 2026: eu-west-1, on demand; CloudFront's Europe. */
const prices = { appsyncQuery: 4e-6, readUnit: 0.125e-6, transferByte: 0.09e-9, cdnRequest: 1e-6, cdnByte: 0.085e-9 };
/** What one record takes in DynamoDB, and how much a read unit and a page of the registry hold. */
const registry = { itemBytes: 686, unitBytes: 4096, pageItems: 1000 };

/** What a published snapshot weighs, costs and takes beside the same from the registry, in Node and in Chromium. */
export async function bench() {
  const key = await createLocalKey('bench');
  const server = await startServer();
  const lines = [];
  const files = new Map();
  try {
    for (const size of sizes) {
      const name = `publisher: ${size.toLocaleString('en')} endpoints`;
      const { file, bytes, milliseconds } = await publish(size, key);
      files.set(size, file);
      lines.push({
        what: `${name}, published in`,
        figure: `${milliseconds.toFixed(0)} ms, ${kilobytes(file.length)} KB JSON, ${kilobytes(bytes.length)} KB brotli`,
      });
      lines.push(...(await compareLoads({ name, size, bytes, key, server })));
      const times = [];
      for (let round = 0; round < rounds; round += 1)
        times.push(await measureUse({ openSnapshot, createResolver, file, key }));
      lines.push({
        what: `${name}, verified, parsed and first used in Node`,
        figure: `${median(times).toFixed(1)} ms`,
      });
    }
  } finally {
    await server.stop();
  }
  return [...lines, ...(await measureInBrowser(files, key))];
}

/** Through the real publisher and the real S3 client, into a bucket in memory. */
async function publish(size, key) {
  let bytes;
  const fetch = async (url, { method, body }) => {
    if (method !== 'PUT') return new Response('<Error><Code>NoSuchKey</Code></Error>', { status: 404 });
    if (String(url).includes('/bench.json')) bytes = body;
    return new Response('');
  };
  const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
  const store = createS3ObjectStore({ bucket: 'b', region: 'eu-west-1', credentials, fetch });
  const source = { name: 'bench', load: async () => ({ revision: 'r', endpoints: makeEndpoints(size) }) };
  const times = [];
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    await publishStage(stage, { source, store, signer: createLocalSigner(key) });
    times.push(performance.now() - started);
  }
  return { file: brotliDecompressSync(bytes), bytes, milliseconds: median(times) };
}

/** A first load of the stage from the registry and of its published form, over loopback: what is sent, and what it costs. */
async function compareLoads({ name, size, bytes, key, server }) {
  server.serve(size, bytes);
  const sources = {
    'from the registry': () =>
      registrySource({ transport: apiKeyTransport({ url: `${server.url}/graphql`, apiKey: 'key' }) }),
    'as published': () => createSnapshotSource({ url: `${server.url}/{stage}.json`, trustedKeys: [key] }),
  };
  const measured = [];
  for (const [what, create] of Object.entries(sources)) {
    const times = [];
    let sent;
    for (let round = 0; round < rounds; round += 1) {
      server.reset();
      const started = performance.now();
      await create().load({ stage, signal: new AbortController().signal });
      times.push(performance.now() - started);
      sent = server.sent();
    }
    measured.push({ what, milliseconds: median(times), ...sent });
  }
  const units = Math.ceil(Math.min(size, registry.pageItems) * (registry.itemBytes / registry.unitBytes));
  const costs = [
    measured[0].requests * (prices.appsyncQuery + units * prices.readUnit) + measured[0].bytes * prices.transferByte,
    prices.cdnRequest + measured[1].bytes * prices.cdnByte,
  ];
  return measured.map(({ what, milliseconds, requests, bytes: length }, index) => ({
    what: `${name}, first load ${what}`,
    figure: `${milliseconds.toFixed(0)} ms, ${requests} requests, ${kilobytes(length)} KB (${(length / bytes.length).toFixed(1)} times the published bytes), $${(costs[index] * 1e6).toFixed(2)} a million`,
  }));
}

/** Pages of 1,000 records as the registry gives them, and the published file, on 127.0.0.1. */
async function startServer() {
  let records = [];
  let file;
  let sent = { requests: 0, bytes: 0 };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    let content = file;
    if (request.url === '/graphql') {
      const start = Number(JSON.parse(body).variables.n ?? 0);
      const end = start + registry.pageItems;
      const isLast = end >= records.length;
      const snapshot = {
        revision: isLast ? 'r' : null,
        unchanged: false,
        nextToken: isLast ? null : String(end),
        endpoints: records.slice(start, end),
      };
      content = Buffer.from(JSON.stringify({ data: { snapshot } }));
      response.setHeader('content-type', 'application/json');
    } else response.setHeader('content-encoding', 'br');
    sent = { requests: sent.requests + 1, bytes: sent.bytes + content.length };
    response.end(content);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    serve(size, bytes) {
      records = makeEndpoints(size);
      file = Buffer.from(bytes);
    },
    reset: () => void (sent = { requests: 0, bytes: 0 }),
    sent: () => sent,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Also run in the browser, as it stands here. */
async function measureUse({ openSnapshot, createResolver, file, key }) {
  const started = performance.now();
  const { revision, endpoints } = await openSnapshot(file, { stage: 'bench', trustedKeys: [key] });
  const source = { name: 'bench', load: async () => ({ revision, endpoints }) };
  await createResolver({ source, stage: 'bench', region: 'eu-west-1' }).resolve('service-7');
  return performance.now() - started;
}

async function measureInBrowser(files, key) {
  const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium'].find((path) => path && existsSync(path));
  if (!executablePath) return [{ what: 'publisher: in Chromium', figure: 'not measured: no Chromium' }];
  const { outputFiles } = await build({
    stdin: {
      contents: `export { openSnapshot } from '@amplify-discovery/snapshots'; export { createResolver } from '@amplify-discovery/core';`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'discovery',
    write: false,
  });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    // WebCrypto wants a secure context; nothing is sent to this host.
    await page.route('https://bench.invalid/*', (route) => {
      const size = Number(new URL(route.request().url()).pathname.slice(1));
      return route.fulfill({
        body: size ? files.get(size) : '<!doctype html>',
        contentType: size ? 'application/octet-stream' : 'text/html',
      });
    });
    await page.goto('https://bench.invalid/');
    await page.addScriptTag({ content: outputFiles[0].text });
    const lines = [];
    for (const size of sizes) {
      const script = `(async () => {
        const file = new Uint8Array(await (await fetch('/${size}')).arrayBuffer());
        const measureUse = ${measureUse};
        const times = [];
        for (let round = 0; round < ${rounds}; round += 1) times.push(await measureUse({ ...discovery, file, key: ${JSON.stringify({ ...key, d: undefined })} }));
        return times;
      })()`;
      const times = await page.evaluate(script);
      const what = `publisher: ${size.toLocaleString('en')} endpoints, verified, parsed and first used in Chromium`;
      lines.push({ what, figure: `${median(times).toFixed(1)} ms` });
    }
    return lines;
  } finally {
    await browser.close();
  }
}

function kilobytes(bytes) {
  return (bytes / 1024).toFixed(1);
}

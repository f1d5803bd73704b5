import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { openSnapshot } from '@amplify-discovery/snapshots';
import { publishStage, s3ObjectStore } from '@amplify-discovery/publisher';
import { createLocalKey, localSigner } from '@amplify-discovery/snapshots/seal';
import { createResolver } from '@amplify-discovery/core';

const sizes = [100, 1000, 10_000];
const rounds = 7;
const stage = 'bench';

/** What a published snapshot weighs, and what it takes to publish and to use it, in Node and in Chromium. */
export async function bench() {
  const key = await createLocalKey('bench');
  const lines = [];
  const files = new Map();
  for (const size of sizes) {
    const { file, bytes, milliseconds } = await publish(size, key);
    files.set(size, file);
    const name = `snapshots: ${size.toLocaleString('en')} endpoints`;
    lines.push({ what: `${name}, bytes`, figure: `${kilobytes(file.length)} KB, ${kilobytes(bytes)} KB brotli` });
    lines.push({ what: `${name}, published in`, figure: `${milliseconds.toFixed(0)} ms` });
    const times = [];
    for (let round = 0; round < rounds; round += 1)
      times.push(await measureUse({ openSnapshot, createResolver, file, key }));
    lines.push({ what: `${name}, verified, parsed and indexed in Node`, figure: `${median(times).toFixed(1)} ms` });
  }
  return [...lines, ...(await measureInBrowser(files, key))];
}

function makeEndpoints(size) {
  const apiId = (index) =>
    BigInt(`0x${createHash('sha256').update(String(index)).digest('hex').slice(0, 14)}`)
      .toString(36)
      .slice(0, 10);
  return Array.from({ length: size }, (_, index) => ({
    stage,
    service: `service-${index}`,
    id: 'default',
    kind: 'rest',
    target: `https://${apiId(index)}.execute-api.eu-west-1.amazonaws.com/prod`,
    region: 'eu-west-1',
    signingService: 'execute-api',
    authMode: 'iam',
    version: `1.${index % 17}.${index % 7}`,
    weight: 100,
    metadata: '{"public":"true"}',
  }));
}

/** Through the real publisher and the real S3 client, into a bucket in memory. */
async function publish(size, key) {
  let bytes;
  const fetch = async (url, { method, body }) => {
    if (method !== 'PUT') return new Response('', { status: 404 });
    if (String(url).endsWith('/bench.json')) bytes = body;
    return new Response('');
  };
  const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
  const store = s3ObjectStore({ bucket: 'b', region: 'eu-west-1', credentials, fetch });
  const source = { name: 'bench', load: async () => ({ revision: 'r', endpoints: makeEndpoints(size) }) };
  const times = [];
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    await publishStage(stage, { source, store, signer: localSigner(key) });
    times.push(performance.now() - started);
  }
  return { file: brotliDecompressSync(bytes), bytes: bytes.length, milliseconds: median(times) };
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
  if (!executablePath) return [{ what: 'snapshots: in Chromium', figure: 'not measured: no Chromium' }];
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
      const what = `snapshots: ${size.toLocaleString('en')} endpoints, verified, parsed and indexed in Chromium`;
      lines.push({ what, figure: `${median(times).toFixed(1)} ms` });
    }
    return lines;
  } finally {
    await browser.close();
  }
}

function median(times) {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)];
}

function kilobytes(bytes) {
  return (bytes / 1024).toFixed(1);
}

import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { makeEndpoints } from '@amplify-discovery/test-rig/make-endpoints';
import { median } from './median.js';

const rounds = 15;

/**
 * What the publisher's function takes to start and to publish its first stage, with the AWS SDK in its bundle and with the one
 * that is installed beside it, as in Lambda's runtime. CPU time, in which other work of the machine does not show.
 */
export async function bench() {
  const folder = mkdtempSync('.cache/bench-');
  const server = await startServices();
  try {
    const variants = {
      'AWS SDK in the bundle': { mainFields: ['module', 'main'] },
      'AWS SDK of the runtime': { external: ['@aws-sdk/*'], supported: { 'dynamic-import': false } },
    };
    const measured = await Promise.all(Object.entries(variants).map((variant) => bundle(folder, ...variant)));
    // Round by round, so that a busy moment of the machine hits all alike.
    for (let round = 0; round < rounds; round += 1)
      for (const { file, runs } of measured) runs.push(await start(file, server.url));
    const totals = measured.map(({ runs }) => median(runs.map(({ load, publish }) => load + publish)));
    return measured.map(({ name, bytes, runs }, index) => ({
      what: `publisher: cold start, ${name}`,
      figure: `${median(runs.map(({ load }) => load)).toFixed(0)} ms CPU to load, ${median(runs.map(({ publish }) => publish)).toFixed(0)} ms to publish, ${(bytes / 1024).toFixed(0)} KB gzip`,
      ...(index === 0 && { target: 'faster than with that of the runtime', failed: totals[0] > totals[1] }),
    }));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

async function bundle(folder, name, options) {
  const { outputFiles } = await build({
    entryPoints: ['packages/publisher/src/main.ts'],
    outfile: join(folder, 'x.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    conditions: ['@amplify-discovery/source', 'module'],
    write: false,
    ...options,
  });
  const file = resolve(folder, `${name.replaceAll(' ', '-')}.cjs`);
  writeFileSync(file, outputFiles[0].contents);
  return { name, file, bytes: gzipSync(outputFiles[0].contents, { level: 9 }).length, runs: [] };
}

async function start(file, url) {
  const script = `
    const readCpu = () => Object.values(process.cpuUsage()).reduce((sum, part) => sum + part) / 1000;
    const started = readCpu();
    const { handler } = require(${JSON.stringify(file)});
    // What begins while the function initialises has a turn of the event loop for it.
    setImmediate(async () => {
      const loaded = readCpu();
      const log = console.log;
      console.log = () => {};
      await handler({ stages: ['bench'] }, {});
      log(JSON.stringify({ load: loaded - started, publish: readCpu() - loaded }));
    });`;
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: url,
    DISCOVERY_REGISTRY_URL: `${url}/graphql`,
    DISCOVERY_SNAPSHOT_BUCKET: 'b',
    DISCOVERY_SNAPSHOT_KEY: 'key',
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env });
  return JSON.parse(stdout);
}

/** One server on 127.0.0.1 that answers for AppSync, S3 and KMS. */
async function startServices() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const Signature = sign('sha256', Buffer.from('x'), { key: privateKey, dsaEncoding: 'der' }).toString('base64');
  const snapshot = { revision: 'r', unchanged: false, nextToken: null, endpoints: makeEndpoints(100) };
  const server = createServer(async (request, response) => {
    await request.toArray();
    if (request.url === '/graphql') return response.end(JSON.stringify({ data: { snapshot } }));
    if (request.headers['x-amz-target']) return response.end(JSON.stringify({ KeyId: 'key', Signature }));
    if (request.method === 'PUT') return response.writeHead(200, { etag: '"1"' }).end();
    return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * What our client adds to an app's bundle, minified and gzipped: the difference between the bundle with it and the
 * bundle without it, since an app that calls APIs has `Amplify` and `get` already. Needs `npm run build`.
 */
const amplify = `
  export { Amplify } from 'aws-amplify';
  export { get } from 'aws-amplify/api';`;
const client = `${amplify}
  export { discover } from 'amplify-discovery';
  export * as api from 'amplify-discovery/api';`;
const facade = `${client}
  export { API } from 'amplify-discovery/v5';`;

const sizes = {};
for (const [name, contents] of Object.entries({ amplify, client, facade })) sizes[name] = await measure(contents);

const budgets = [
  { name: 'discover() and the verbs add', bytes: sizes.client - sizes.amplify, limit: 3 * 1024 },
  { name: 'the v5 facade adds', bytes: sizes.facade - sizes.client, limit: 1.2 * 1024 },
];
console.log(`${'Amplify and get alone'.padEnd(30)} ${kilobytes(sizes.amplify)} KB gzip`);
for (const { name, bytes, limit } of budgets) {
  const verdict = bytes > limit ? 'TOO BIG' : 'ok';
  console.log(`${name.padEnd(30)} ${kilobytes(bytes)} KB gzip (at most ${kilobytes(limit).trim()}) ${verdict}`);
  if (bytes > limit) process.exitCode = 1;
}

async function measure(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

function kilobytes(bytes) {
  return (bytes / 1024).toFixed(2).padStart(6);
}

import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleApp, bundlerNames } from './bundlers/bundle-app.js';

/**
 * What our client adds to an app's bundle in six bundlers, minified, each file gzipped by itself, as servers send them: the
 * difference between the bundle with it and the bundle without it, since an app that calls APIs has `Amplify` and its
 * verbs already. "At start" is the entry with all that it imports; "used" what the first `discover` or call loads; "more" what
 * that loads where the app reads snapshots or has an OpenTelemetry SDK. Needs `npm run build`.
 *
 * `npm run size`, or `npm run size -- vite webpack` for some of the bundlers.
 */
const alone = `
  import { Amplify } from 'aws-amplify';
  import { del, get, head, patch, post, put } from 'aws-amplify/api';
  globalThis.app = { Amplify, plain: { del, get, head, patch, post, put } };`;
const client = `${alone}
  import { discover } from 'amplify-discovery';
  import * as api from 'amplify-discovery/api';
  Object.assign(globalThis.app, { discover, named: [api.del, api.get, api.head, api.patch, api.post, api.put] });`;
const facade = `${client}
  import { API } from 'amplify-discovery/v5';
  Object.assign(globalThis.app, { API });`;

/**
 * In KB. All but Rollup and esbuild add what loads chunks, which an app that has any chunk of its own has already. Parcel
 * also wraps each of Amplify's modules as soon as there are two chunks, which is 20 KB and more, and nothing of ours.
 */
const startLimits = { vite: 1.2, rollup: 1, esbuild: 1.8, webpack: 2.5, rspack: 2.5, parcel: undefined };
/** For "used" 10 was aimed at, and 1 for the start with Vite and esbuild: what is more is said in the README. */
const limits = { used: 16, more: 5.1 };
/** 1.2 was aimed at. esbuild and Parcel put Amplify's GraphQL client beside the facade, which only `API.graphql` needs. */
const facadeLimits = { vite: 4.3, rollup: 3.1, esbuild: 38.5, webpack: 3.7, rspack: 3.7, parcel: undefined };

const wanted = process.argv.slice(2);
const folder = resolve('.cache/size');
rmSync(folder, { recursive: true, force: true });
console.log('KB gzip    start  (max)   used  (max)  files   more  (max)     v5  (max)');
for (const bundler of bundlerNames.filter((name) => !wanted.length || wanted.includes(name))) {
  const bundle = (name, code) => bundleApp(bundler, code, join(folder, bundler, name));
  const [before, after, withFacade] = [
    await bundle('alone', alone),
    await bundle('client', client),
    await bundle('facade', facade),
  ];
  const cells = [
    show(sizeOf(after.start) - sizeOf(before.start), startLimits[bundler]),
    show(sizeOf(after.used) - sizeOf(before.used), limits.used),
    String(after.used.length - before.used.length).padStart(6),
    show(sizeOf(after.more) - sizeOf(before.more), limits.more),
    show(sizeOf(withFacade.start) - sizeOf(after.start), facadeLimits[bundler]),
  ];
  if (after.used.length - before.used.length !== 1) process.exitCode = 1;
  const verdict = cells.some((cell) => cell.includes('!')) ? '  TOO BIG where marked !' : '';
  console.log(`${bundler.padEnd(8)} ${cells.join('')}${verdict}`);
}

/** Kilobytes beside their limit, marked where they are over it. */
function show(bytes, limit) {
  const kilobytes = bytes / 1024;
  if (kilobytes > limit) process.exitCode = 1;
  const bound = limit === undefined ? '' : `(${limit})`;
  return `${kilobytes.toFixed(2).padStart(7)}${kilobytes > limit ? '!' : ' '}${bound.padStart(6)}`;
}

function sizeOf(files) {
  return files.reduce((total, code) => total + gzipSync(code, { level: 9 }).length, 0);
}

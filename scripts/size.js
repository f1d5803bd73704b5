import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleApp, bundlerNames } from './bundlers/bundle-app.js';

/**
 * What our client adds to an app's bundle in six bundlers, minified, each file gzipped by itself, as servers send them: the
 * difference between the bundle with it and the bundle without it, since an app that calls APIs has `Amplify` and its
 * verbs already. "start" is the entry with all that it imports; "used" what the first `discover` or call loads; "more" what
 * that loads where there is need for it: published snapshots, large ones, names that are not found, an OpenTelemetry SDK,
 * notices; "live" is what the last of these loads.
 * "v5" is what the facade adds to the start, "v5 used" what its first call adds to what is used. Needs `npm run build`.
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
 * In KB. All but Rollup and esbuild add what loads chunks, which an app that has any chunk of its own has already: 0.75 with
 * Vite.
 */
const startLimits = { vite: 1.12, rollup: 0.52, esbuild: 0.5, webpack: 1.6, rspack: 1.7, parcel: 0.8 };
/** For "used" 10 was aimed at, and 1 for the start with Vite: what is more is said in the README. */
const limits = { used: 16.3, more: 8.2, live: 2 };
const facadeLimits = { start: 0.6, used: 2.3 };

const wanted = process.argv.slice(2);
const folder = resolve('.cache/size');
rmSync(folder, { recursive: true, force: true });
console.log('KB gzip    start  (max)   used  (max)  files   more  (max)   live  (max)     v5  (max)  v5 used (max)');
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
    show(sizeOf(after.more.filter((code) => code.includes('onStageChange'))), limits.live),
    show(sizeOf(withFacade.start) - sizeOf(after.start), facadeLimits.start),
    show(sizeOf(withFacade.used) - sizeOf(after.used), facadeLimits.used),
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

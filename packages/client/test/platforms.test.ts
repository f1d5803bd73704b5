import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from 'node:worker_threads';
import { bundleApp } from './bundle-app.ts';
import { startCdn, type Cdn } from './start-cdn.ts';
import { startEnvironment, type Backend, type Environment } from './start-environment.ts';

/** What apps meet in windows that lack something: Jest's jsdom, React Native, web views of old phones, insecure pages. Amplify itself needs `URL.canParse`. */
const features = [
  'AbortSignal.abort',
  'AbortSignal.any',
  'AbortSignal.prototype.reason',
  'AbortSignal.prototype.throwIfAborted',
  'AbortSignal.timeout',
  'Array.prototype.findLast',
  'BroadcastChannel',
  'CompressionStream',
  'crypto.randomUUID',
  'document',
  'localStorage',
  'location',
  'navigator',
  'navigator.locks',
  'Promise.withResolvers',
  'structuredClone',
];

let environment: Environment;
let users: Backend;
let cdn: Cdn;
let app: string;

/** Runs in a window of its own. Uses what apps use: all ways to read, calls in both shapes, cancelling, and a reload. */
const page = `
  import { Amplify } from 'aws-amplify';
  import { createDiscovery, discover, getDiscovery } from 'amplify-discovery';
  import { get } from 'amplify-discovery/api';
  import { API } from 'amplify-discovery/v5';

  globalThis.run = async function ({ outputs, snapshot }) {
    const done = [];
    const call = async () => (await (await get({ apiName: 'users', path: '/' }).response).body.json()).name;
    const waiting = call();
    Amplify.configure(await discover(outputs));
    done.push(await waiting, await call(), (await API.get('users', '/', { timeout: 5000 })).name);
    await (await getDiscovery()).refresh();
    await discover(outputs);
    done.push(await call());

    const { registry, ...published } = outputs.custom.discovery;
    const large = createDiscovery({ ...published, snapshot, services: ['users'] });
    await large.refresh();
    done.push(typeof (await large.resolve('users')).endpoint.target);

    const gone = new AbortController();
    const aborted = createDiscovery({ ...outputs.custom.discovery, stage: 'other' }).resolve('users', { signal: gone.signal });
    gone.abort();
    done.push(await aborted.catch(({ name }) => name));
    const { response, cancel } = get({ apiName: 'users', path: '/' });
    cancel();
    done.push(await response.catch(({ name }) => name));
    return done;
  }
`;

beforeAll(async () => {
  [environment, cdn] = await Promise.all([startEnvironment(), startCdn()]);
  users = await environment.startService('users');
  // Enough of it to be compressed in storage.
  const others = Array.from({ length: 500 }, (_, index) => ({
    service: `other-${index}`,
    target: `${users.url}/${index}`,
  }));
  await cdn.publish([{ service: 'users', target: users.url }, ...others]);
  app = await bundleApp(page, 'iife');
});
afterAll(async () => {
  await environment.stop();
  await cdn.stop();
});

/** What the app has done in a window without these. */
function runWithout(lacking: readonly string[]): Promise<unknown> {
  const { outputs } = environment;
  const input = { outputs, snapshot: { url: cdn.url, trustedKeys: cdn.trustedKeys } };
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const items = new Map();
     const localStorage = {
       getItem: (key) => items.get(key) ?? null,
       setItem: (key, value) => void items.set(key, value),
       removeItem: (key) => void items.delete(key),
       clear: () => items.clear(),
     };
     const queues = new Map();
     const locks = {
       query: async () => ({ held: [], pending: [] }),
       request(name, task) {
         const turn = (queues.get(name) ?? Promise.resolve()).then(task);
         queues.set(name, turn.catch(() => {}));
         return turn;
       },
     };
     const define = (owner, name, value) => Object.defineProperty(owner, name, { value, configurable: true, writable: true });
     define(globalThis, 'window', globalThis);
     define(globalThis, 'self', globalThis);
     define(globalThis, 'document', {});
     define(globalThis, 'addEventListener', () => {});
     define(globalThis, 'removeEventListener', () => {});
     define(globalThis, 'location', { href: 'https://app.example.com/' });
     define(globalThis, 'navigator', { locks, product: 'test' });
     define(globalThis, 'localStorage', localStorage);
     for (const path of ${JSON.stringify(lacking)}) {
       const names = path.split('.');
       const owner = names.slice(0, -1).reduce((value, name) => value?.[name], globalThis);
       if (owner) delete owner[names.at(-1)];
     }
     ${app}
     run(${JSON.stringify(input)}).then(
       (done) => parentPort.postMessage(done),
       (error) => parentPort.postMessage(String(error.stack ?? error)),
     );`,
    { eval: true },
  );
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (done: unknown) => {
      void worker.terminate().then(() => resolve(done));
    });
  });
}

const expected = ['users', 'users', 'users', 'users', 'string', 'AbortError', 'CanceledError'];

describe('a window', () => {
  test('that has everything', async () => {
    expect(await runWithout([])).toEqual(expected);
  });

  test.each(features)('without %s', async (feature) => {
    expect(await runWithout([feature])).toEqual(expected);
  });

  test('without any of these', async () => {
    expect(await runWithout(features)).toEqual(expected);
  });
});

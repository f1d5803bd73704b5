/**
 * Visitors of an app, each with a storage of its own, in one program that outlives what happens to the registry. It is asked over
 * IPC: `{ visitors: 'new' | 'returning', count, discovery, services }`, and answers how many discoveries succeeded and failed.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { routeToEmulator } from './emulator/start-emulator.mjs';

/** Starts the program. `visit` resolves to the counts, with the first failure in words. */
export function startVisitors(emulator) {
  const child = fork(fileURLToPath(import.meta.url), ['visit'], {
    execArgv: [`--require=${routeToEmulator}`],
    env: emulator.env,
  });
  const visit = (request) =>
    new Promise((resolve, reject) => {
      const end = (code) => reject(new Error(`The visitors ended with ${code}`));
      child.once('exit', end);
      child.once('message', (counts) => {
        child.off('exit', end);
        resolve(counts);
      });
      child.send(request);
    });
  return { visit, stop: () => child.kill() };
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'visit') {
  const { createDiscovery } = await import('amplify-discovery');
  const storages = [];

  /** A page that is opened: nothing in memory, and a returning visitor's snapshot is past being fresh. */
  async function open(storage, { discovery, services }) {
    const opened = createDiscovery({ ...discovery, storage, freshSeconds: 0, staleWhileRevalidateSeconds: 0 });
    const results = await Promise.allSettled(services.map((service) => opened.resolve(service)));
    opened.close();
    return results.map((result, index) => {
      if (result.status === 'rejected') return String(result.reason);
      const { target } = result.value.endpoint;
      return target === `https://${services[index]}.example.com` ? undefined : `${services[index]} leads to ${target}`;
    });
  }

  process.on('message', async (request) => {
    const visited =
      request.visitors === 'new'
        ? Array.from({ length: request.count }, () => createStorage())
        : storages.slice(0, request.count);
    const failures = [];
    let discoveries = 0;
    for (const storage of visited) {
      const results = await open(storage, request);
      discoveries += results.length;
      failures.push(...results.filter((failure) => failure !== undefined));
    }
    if (request.visitors === 'new') storages.push(...visited);
    process.send({ visitors: visited.length, discoveries, failed: failures.length, first: failures[0] });
  });
}

function createStorage() {
  const entries = new Map();
  return {
    getItem: async (key) => entries.get(key) ?? null,
    setItem: async (key, value) => void entries.set(key, value),
    removeItem: async (key) => void entries.delete(key),
    clear: async () => entries.clear(),
  };
}

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * One visit to an app that is built with the packages in a folder: calls services by name and prints their answers as JSON.
 * `run-app.mjs FOLDER VISIT`, where VISIT is JSON: `{ custom, services, storageFile, registryAt, deployedRegistry }`.
 */
const [folder, visit] = process.argv.slice(2);
const { custom, services, storageFile, registryAt, deployedRegistry } = JSON.parse(visit);
const { fetch } = globalThis;
globalThis.fetch = (input, init) => fetch(input === deployedRegistry ? registryAt : input, init);
const load = createRequire(join(folder, 'package.json'));
const { createDiscovery } = load('amplify-discovery');
const { get } = load('amplify-discovery/api');

/** The browser's storage, which outlives the visit. */
function openStorage(file) {
  const read = () => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      return {};
    }
  };
  const write = (entries) => writeFileSync(file, JSON.stringify(entries));
  return {
    getItem: async (key) => read()[key] ?? null,
    setItem: async (key, value) => write({ ...read(), [key]: value }),
    removeItem: async (key) => {
      const { [key]: _removed, ...rest } = read();
      write(rest);
    },
    clear: async () => write({}),
  };
}

const discovery = createDiscovery({ ...custom, trustedHosts: ['127.0.0.1:*'], storage: openStorage(storageFile) });
const answers = {};
for (const service of services) {
  try {
    const { body } = await get(discovery.context(), { apiName: service, path: '/' }).response;
    answers[service] = await body.text();
  } catch (error) {
    answers[service] = error.code ?? String(error);
  }
}
process.stdout.write(JSON.stringify(answers));
process.exit();

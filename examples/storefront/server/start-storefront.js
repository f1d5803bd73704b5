import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalRegistry } from '@amplify-discovery/local';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createServer } from 'vite';
import { startBackend } from './start-backend.js';
import { startConsole } from './start-console.js';

const appFolder = fileURLToPath(new URL('../app', import.meta.url));
const stages = ['Production', 'staging'];
/** In each stage. The second endpoint of the orders serves only while the first one can't be reached. */
const endpoints = [
  { service: 'user-management-service', id: 'default', priority: 0 },
  { service: 'order-service', id: 'default', priority: 0 },
  { service: 'order-service', id: 'standby', priority: 1 },
];

/**
 * Starts everything the page needs on 127.0.0.1: the registry with its console, two services in two stages, and the web app.
 * Resolves with the page's URL, the parts, and `stop`.
 */
export async function startStorefront({ port } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'storefront-'));
  const kept = { dataFolder: join(folder, 'data'), credentialsFile: join(folder, 'registry.json') };
  let registry = await startLocalRegistry(kept);
  const registryPort = registry.port;
  const transport = (request) =>
    sigv4Transport({ url: registry.url, region: registry.region, credentials: registry.credentials })(request);
  const registrar = {
    register: (endpoint) => registerEndpoint(transport, endpoint),
    deregister: ({ stage, service, id, owner }) => deregisterEndpoint(transport, { stage, service, id, owner }),
  };
  const backends = [];
  for (const stage of stages)
    for (const endpoint of endpoints) backends.push(await startBackend(registrar, { ...endpoint, stage }));
  const registryConsole = await startConsole(registry, transport);

  // What a deployment of the registry would leave for the app. Hosts are listed as a team would list its own domains.
  const outputs = {
    version: '1.4',
    custom: {
      discovery: {
        registry: { url: registry.url, region: registry.region, auth: { mode: 'apiKey', apiKey: registry.apiKey } },
        stage: 'Production',
        trustedHosts: ['127.0.0.1:*'],
      },
    },
  };
  let isRegistryUp = true;
  const findFirst = (service, stage) =>
    backends.find((backend) => backend.service === service && backend.stage === stage);
  const actions = {
    async state() {
      return {
        registry: { isUp: isRegistryUp, requests: registry.requests.snapshot ?? 0 },
        backends: backends.map(({ service, stage, id, path, port: own, isUp }) => ({
          service,
          stage,
          id,
          path,
          port: own,
          isUp,
        })),
      };
    },
    async move({ service, stage }) {
      if (!isRegistryUp) throw new Error('A backend cannot register while the registry is stopped. Start it first.');
      await findFirst(service, stage)?.move();
      return actions.state();
    },
    async backend({ service, stage, isUp }) {
      const backend = findFirst(service, stage);
      if (backend && isUp !== backend.isUp) await (isUp ? backend.recover() : backend.fail());
      return actions.state();
    },
    /** Each link opens one window. */
    async console() {
      return { link: registryConsole.createLink() };
    },
    async registry({ isUp }) {
      if (isUp && !isRegistryUp) registry = await startLocalRegistry({ ...kept, port: registryPort });
      if (!isUp && isRegistryUp) await registry.stop();
      isRegistryUp = isUp;
      return actions.state();
    },
  };

  const web = await createServer({
    root: appFolder,
    configFile: false,
    logLevel: 'error',
    clearScreen: false,
    server: { host: '127.0.0.1', ...(port === undefined ? {} : { port }) },
    plugins: [deployedOutputs(outputs), environmentControls(actions)],
  });
  await web.listen();

  return {
    url: web.resolvedUrls.local[0],
    consoleLink: registryConsole.createLink(),
    backends,
    actions,
    get registry() {
      return registry;
    },
    async stop() {
      if (!isRegistryUp) await actions.registry({ isUp: true });
      await web.close();
      await registryConsole.stop();
      await Promise.all(backends.map((backend) => backend.stop()));
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Stands for the amplify_outputs.json that a deployment writes beside the app. */
function deployedOutputs(outputs) {
  const id = '\0amplify_outputs';
  return {
    name: 'deployed-outputs',
    resolveId: (source) => (source.endsWith('/amplify_outputs.json') ? id : undefined),
    load: (wanted) => (wanted === id ? `export default ${JSON.stringify(outputs)}` : undefined),
  };
}

/** Lets the page do what a deployment or an outage does. Only for pages of this origin: others can't send JSON here without being asked. */
function environmentControls(actions) {
  const handle = async (request, response) => {
    const action = Object.hasOwn(actions, request.url.slice(1)) && actions[request.url.slice(1)];
    try {
      if (!action || request.headers['content-type'] !== 'application/json') return response.writeHead(404).end();
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const answer = await action(JSON.parse(Buffer.concat(chunks).toString() || '{}'));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(409, { 'content-type': 'application/json' }).end(JSON.stringify({ error: error.message }));
    }
  };
  return {
    name: 'environment-controls',
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- it answers every error itself
    configureServer: ({ middlewares }) => void middlewares.use('/environment/', handle),
  };
}

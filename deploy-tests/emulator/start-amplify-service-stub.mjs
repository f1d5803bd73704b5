/**
 * A stand-in for the Amplify console's own API (apps and backend environments), which the emulator does not have.
 * The Amplify CLI asks it during `init`, `env add` and `delete`; it keeps everything in memory.
 */
import { createServer } from 'node:http';

/** Starts the stand-in on a free port of 127.0.0.1. */
export async function startAmplifyServiceStub() {
  const apps = new Map();
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { status, body } = answer(
        apps,
        request.method ?? 'GET',
        request.url ?? '/',
        text === '' ? {} : JSON.parse(text),
      );
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    apps,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

function answer(apps, method, url, input) {
  const [root, appId, section, name] = new URL(url, 'http://stub').pathname.split('/').filter(Boolean);
  if (root !== 'apps') return notFound(url);
  if (appId === undefined) {
    if (method === 'POST') return { status: 200, body: { app: addApp(apps, input).app } };
    return { status: 200, body: { apps: [...apps.values()].map((entry) => entry.app) } };
  }
  const entry = apps.get(appId);
  if (entry === undefined) return notFound(url);
  if (section === undefined) {
    if (method === 'DELETE') apps.delete(appId);
    return { status: 200, body: { app: entry.app } };
  }
  if (section !== 'backendenvironments')
    return { status: 200, body: { branches: [], domainAssociations: [], webhooks: [] } };
  if (name === undefined) {
    if (method === 'GET') return { status: 200, body: { backendEnvironments: [...entry.environments.values()] } };
    const environment = {
      ...input,
      backendEnvironmentArn: `${entry.app.appArn}/backendenvironments/${input.environmentName}`,
      createTime: 0,
      updateTime: 0,
    };
    entry.environments.set(input.environmentName, environment);
    return { status: 200, body: { backendEnvironment: environment } };
  }
  const environment = entry.environments.get(name);
  if (environment === undefined) return notFound(url);
  if (method === 'DELETE') entry.environments.delete(name);
  return { status: 200, body: { backendEnvironment: environment } };
}

function addApp(apps, input) {
  const appId = `d${(apps.size + 1).toString().padStart(12, '0')}`;
  const app = {
    ...input,
    appId,
    appArn: `arn:aws:amplify:us-east-1:000000000000:apps/${appId}`,
    defaultDomain: `${appId}.amplifyapp.com`,
    description: '',
    platform: 'WEB',
    repository: '',
    environmentVariables: {},
    enableBasicAuth: false,
    enableBranchAutoBuild: false,
    createTime: 0,
    updateTime: 0,
  };
  const entry = { app, environments: new Map() };
  apps.set(appId, entry);
  return entry;
}

function notFound(url) {
  return { status: 404, body: { __type: 'NotFoundException', message: `${url} is not known here` } };
}

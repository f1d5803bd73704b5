import { deepStrictEqual } from 'node:assert';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { startLocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';

/** Calls the app's module that is named on the command line, against a registry and a backend of this process. */
const users = [{ id: 'u-1', name: 'Ada' }];
const paths = [];
const backend = createServer((request, response) => {
  paths.push(request.url);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(users));
});
await new Promise((resolve) => backend.listen(0, '127.0.0.1', resolve));
const registry = await startLocalRegistry();
try {
  await registerEndpoint(sigv4Transport(registry), {
    stage: 'dev',
    service: 'user-management-service',
    kind: 'http',
    target: `http://127.0.0.1:${backend.address().port}`,
    owner: 'older-amplify-app',
  });
  const { listUsers } = await import(pathToFileURL(process.argv[2]).href);
  const { url, region, apiKey } = registry;
  const discovery = {
    registry: { url, region, auth: { mode: 'apiKey', apiKey } },
    stage: 'dev',
    trustedHosts: ['127.0.0.1:*'],
  };
  deepStrictEqual(await listUsers({ version: '1.4', custom: { discovery } }), users);
  deepStrictEqual(paths, ['/users']);
  deepStrictEqual(registry.requests.snapshot, 1);
} finally {
  await registry.stop();
  backend.closeAllConnections();
  backend.close();
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startConnectProxy, type ConnectProxy } from '@amplify-discovery/test-rig/connect-proxy';
import { bundleHandler, startLambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import { loopbackCertificate } from '@amplify-discovery/test-rig/loopback-certificate';

jest.setTimeout(30_000);

/** Node 24, and 22 from 22.21 on. */
const readsProxy = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
const onNodeWithProxy = readsProxy ? describe : describe.skip;

onNodeWithProxy(readsProxy ? 'behind a proxy' : `behind a proxy (not read by Node ${process.versions.node})`, () => {
  const host = 'registry.example.com';
  const folder = mkdtempSync(join(tmpdir(), 'lambda-proxy-'));
  const caFile = join(folder, 'ca.pem');
  let registry: LocalRegistry;
  let proxy: ConnectProxy;
  let handlerFile: string;

  /** What stands behind the name, which no name server knows: the registry, and a service on another port of it. */
  const secure = createServer(loopbackCertificate, (request, response) => {
    if (request.url !== '/graphql') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ host: request.headers.host }));
      return;
    }
    const { method, headers } = request;
    const forwarded = requestHttp(registry.url, { method, headers: { ...headers, host: '127.0.0.1' } }, (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, incoming.headers);
      incoming.pipe(response);
    });
    request.pipe(forwarded);
  });

  beforeAll(async () => {
    registry = await startLocalRegistry();
    const record = { stage: 'dev', service: 'users', kind: 'http', owner: 'test' } as const;
    await registerEndpoint(sigv4Transport(registry), { ...record, target: `https://${host}:8443` });
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    proxy = await startConnectProxy((secure.address() as AddressInfo).port);
    writeFileSync(caFile, loopbackCertificate.cert);
    handlerFile = bundleHandler({ entry: 'packages/lambda/test/fixtures/handler.ts', format: 'cjs', folder });
  });
  afterAll(async () => {
    await proxy.stop();
    secure.closeAllConnections();
    await new Promise((resolve) => secure.close(resolve));
    await registry.stop();
    rmSync(folder, { recursive: true });
  });

  async function invoke(env: Record<string, string>) {
    proxy.tunnelled.splice(0);
    const options = {
      registry: { url: `https://${host}/graphql`, region: registry.region, apiKey: registry.apiKey },
      stage: 'dev',
      trustedHosts: [`${host}:8443`],
      cacheFolder: false,
    };
    const runtime = await startLambdaRuntime({
      handlerFile,
      timeoutMs: 20_000,
      env: { NODE_EXTRA_CA_CERTS: caFile, DISCOVERY_OPTIONS: JSON.stringify(options), ...env },
    });
    try {
      return await runtime.invoke();
    } finally {
      await runtime.stop();
    }
  }

  test('registry and service are reached through HTTPS_PROXY, which Node reads with NODE_USE_ENV_PROXY=1', async () => {
    const { value } = await invoke({ HTTPS_PROXY: proxy.url, NODE_USE_ENV_PROXY: '1' });
    expect(value).toMatchObject({ status: 200, body: { host: `${host}:8443` } });
    expect(new Set(proxy.tunnelled)).toEqual(new Set([`${host}:443`, `${host}:8443`]));
  });

  test.each([
    ['without NODE_USE_ENV_PROXY', {}],
    ['with the host in NO_PROXY', { NODE_USE_ENV_PROXY: '1', NO_PROXY: host }],
  ])('nothing goes through it %s', async (_name, env) => {
    const { error } = await invoke({ HTTPS_PROXY: proxy.url, ...env });
    expect(error).toMatchObject({ code: 'RegistryUnavailable' });
    expect(proxy.tunnelled).toEqual([]);
  });
});

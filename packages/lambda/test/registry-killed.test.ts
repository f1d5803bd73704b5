import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { bundleHandler, startLambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import { startRegistryProcess } from '@amplify-discovery/test-rig/registry-process';

jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), 'registry-killed-'));

test('killing the registry process under load changes no answer: 900 calls, 900 right ones', async () => {
  let served = 0;
  const service = createServer((request, response) => {
    served++;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path: request.url }));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const registry = await startRegistryProcess();
  const { url, region, credentials } = registry;
  const { accessKeyId, secretAccessKey } = credentials;
  await registerEndpoint(sigv4Transport(registry), {
    stage: 'dev',
    service: 'users',
    kind: 'http',
    target,
    owner: 'test',
  });

  const handlerFile = bundleHandler({ entry: 'packages/lambda/test/fixtures/handler.ts', format: 'esm', folder });
  // Stale from the first moment, so that every invocation has a refresh under way when the registry dies.
  const options = {
    registry: { url, region },
    stage: 'dev',
    trustedHosts: ['127.0.0.1:*'],
    cacheFolder: false,
    freshSeconds: 0,
    recheckSeconds: 0.02,
    settleMs: 20,
  };
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    DISCOVERY_OPTIONS: JSON.stringify(options),
  };
  const environments = await Promise.all(
    [1, 2, 3].map(() => startLambdaRuntime({ handlerFile, env, timeoutMs: 20_000 })),
  );

  try {
    const results: unknown[] = [];
    let killed: Promise<string | null> | undefined;
    await Promise.all(
      environments.map(async (environment) => {
        for (let invocation = 0; invocation < 30; invocation++) {
          results.push((await environment.invoke({ calls: 10 })).value);
          if (results.length >= 30) killed ??= registry.kill();
        }
      }),
    );
    expect(await killed).toBe('SIGKILL');
    expect(results).toHaveLength(90);
    for (const result of results)
      expect(result).toMatchObject({ status: 200, answers: 10, bodies: 1, target, body: { path: '/whoami' } });
    expect(served).toBe(900);
  } finally {
    await Promise.all(environments.map((environment) => environment.stop()));
    await registry.kill();
    service.closeAllConnections();
    await new Promise((resolve) => service.close(resolve));
    rmSync(folder, { recursive: true });
  }
});

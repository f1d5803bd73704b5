import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { createServer, type Server } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { loopbackCertificate } from '@amplify-discovery/test-rig/loopback-certificate';

let registry: LocalRegistry;
let tls: Server;
let subscriber: ChildProcess | undefined;

/** Amplify's clients take notices over TLS alone. */
beforeEach(async () => {
  registry = await startLocalRegistry({ openStages: ['dev'] });
  tls = createServer(loopbackCertificate, (socket) => {
    const inner = connect(registry.port, '127.0.0.1');
    socket.on('error', () => inner.destroy()).on('close', () => inner.destroy());
    inner.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  if (subscriber?.exitCode === null) {
    subscriber.kill();
    await once(subscriber, 'exit');
  }
  await registry.stop();
  await new Promise((resolve) => tls.close(resolve));
});

/** Starts Amplify's own client, and gives what it gets, one by one. */
function subscribe(authMode: 'apiKey' | 'iam', stage: string): () => Promise<Record<string, unknown>> {
  const { region, credentials, apiKey } = registry;
  const url = `https://localhost:${(tls.address() as AddressInfo).port}/graphql`;
  const settings = { url, region, apiKey, credentials, authMode, stage, ca: loopbackCertificate.cert };
  const started = spawn(process.execPath, ['packages/client/test/amplify-subscriber.mjs', JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  subscriber = started;
  const lines = createInterface(started.stdout)[Symbol.asyncIterator]();
  return async () => JSON.parse(String((await lines.next()).value)) as Record<string, unknown>;
}

describe.each(['apiKey', 'iam'] as const)('Amplify’s own client, with %s,', (authMode) => {
  test('is notified of a change', async () => {
    const next = subscribe(authMode, 'dev');
    expect(await next()).toEqual({ acknowledged: true });
    const target = 'https://users.example.com';
    await registerEndpoint(sigv4Transport(registry), {
      stage: 'dev',
      service: 'users',
      kind: 'rest',
      target,
      owner: 's',
    });
    expect(await next()).toMatchObject({ data: { onStageChange: { stage: 'dev', revision: expect.any(String) } } });
  });
});

test('Amplify’s own client is refused a stage that is not open to its API key', async () => {
  const next = subscribe('apiKey', 'closed');
  expect(await next()).toMatchObject({ error: expect.stringContaining('Unauthorized') });
});

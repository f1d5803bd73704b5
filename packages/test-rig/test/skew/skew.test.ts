import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCloudFormation } from '@amplify-discovery/test-rig/cloudformation';
import { startTinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import {
  deployedRegistry,
  listEndpoints,
  runCli,
  startPublisher,
  startRegistrar,
  startRegistry,
  visitApp,
  type RegistryProcess,
  type Side,
} from './start-side.ts';

/**
 * Whole packages of the previous contract, built from the commit in previous.json, beside those of this one: whatever is
 * upgraded first or rolled back alone, everything reads and writes what the other side has written. What either one's
 * resolvers make of the other's rows in the table is in packages/local/test/upgrade.test.ts.
 */
const previous: Side = { name: 'previous', folder: process.env.PREVIOUS_PACKAGES as string };
const current: Side = { name: 'current', folder: resolve('.') };
const sides = [previous, current];
/** Every pair, those of one side too: what fails there is not the skew’s fault. */
const pairs = sides.flatMap((one) => sides.map((other) => ({ one, other, names: `${one.name} × ${other.name}` })));
const triples = pairs.flatMap((pair) =>
  sides.map((third) => ({ ...pair, third, names: `${pair.names} × ${third.name}` })),
);

const folder = mkdtempSync(join(tmpdir(), 'skew-'));
let files = 0;
const newFile = () => join(folder, `storage-${++files}.json`);

let backend: Server;
let target: (name: string) => string;
beforeAll(async () => {
  // Answers with the first part of the path: which target was called.
  backend = createServer((request, response) => response.end(request.url?.split('/')[1]));
  await new Promise<void>((done) => backend.listen(0, '127.0.0.1', done));
  const { port } = backend.address() as AddressInfo;
  target = (name) => `http://127.0.0.1:${port}/${name}`;
});
afterAll(async () => {
  backend.closeAllConnections();
  await new Promise((done) => backend.close(done));
  rmSync(folder, { recursive: true });
});

/** Of a deployed app, whose registry is not on the visitor's machine. */
const deployed = ({ url: registryAt, region, apiKey }: RegistryProcess) => ({
  custom: { registry: { url: deployedRegistry, region, auth: { mode: 'apiKey', apiKey } }, stage: 'dev' },
  registryAt,
});
const register = (side: Side, registry: RegistryProcess, service: string, ...more: readonly string[]) =>
  runCli(side, registry, ['register', service, target(service), '--kind', 'http', '--owner', 'skew', ...more]);
const isPublic = (side: Side) => (side === current ? ['--public'] : []);

async function withRegistry<T>(side: Side, task: (registry: RegistryProcess) => Promise<T>, data?: string): Promise<T> {
  const registry = await startRegistry(side, data);
  try {
    return await task(registry);
  } finally {
    await registry.stop();
  }
}

describe.each(pairs)('registry × registrar: $names', ({ one, other }) => {
  test('registers, updates, refuses another owner, and de-registers', () =>
    withRegistry(one, async (registry) => {
      const lambda = startRegistrar(other, registry);
      const cloudFormation = await startCloudFormation({ lambda });
      try {
        const template = (name: string) => ({
          Resources: {
            Users: {
              Type: 'Custom::ServiceEndpoint',
              Properties: {
                ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
                Service: 'users',
                Stage: 'dev',
                Kind: 'http',
                Target: target(name),
              },
            },
          },
        });
        const find = async () => (await listEndpoints(one, registry)).map((endpoint) => endpoint.target);
        const stack = await cloudFormation.createStack('app', { template: template('users') });
        expect([stack.status, await find()]).toEqual(['CREATE_COMPLETE', [target('users')]]);
        const late = stack.events.at(-1);
        await cloudFormation.updateStack(stack, { template: template('moved') });
        expect([stack.status, await find()]).toEqual(['UPDATE_COMPLETE', [target('moved')]]);
        if (late) await cloudFormation.deliverAgain(late);
        expect(await find()).toEqual([target('moved')]);
        const rival = await cloudFormation.createStack('rival', { template: template('rival') });
        expect([rival.status, await find()]).toEqual(['ROLLBACK_COMPLETE', [target('moved')]]);
        await cloudFormation.deleteStack(stack);
        expect([stack.status, await find()]).toEqual(['DELETE_COMPLETE', []]);
      } finally {
        await cloudFormation.stop();
        await lambda.stop();
      }
    }));
});

describe.each(pairs)('registry × CLI: $names', ({ one, other }) => {
  test('registers, lists, resolves and de-registers', () =>
    withRegistry(one, async (registry) => {
      await register(one, registry, 'theirs', ...isPublic(one));
      expect(await register(other, registry, 'ours')).toMatchObject({ service: 'ours' });
      expect(await listEndpoints(other, registry)).toMatchObject([{ service: 'ours' }, { service: 'theirs' }]);
      expect(await runCli(other, registry, ['resolve', 'theirs', '--trusted-host', '127.0.0.1:*'])).toMatchObject({
        target: target('theirs'),
      });
      expect(await runCli(other, registry, ['register', 'ours', target('x'), '--owner', 'rival'])).toMatchObject({
        exitCode: 4,
      });
      await runCli(other, registry, ['deregister', 'ours', '--owner', 'skew']);
      expect(await listEndpoints(one, registry)).toMatchObject([{ service: 'theirs' }]);
    }));
});

describe.each(triples)('registry × writer × app: $names', ({ one, other, third }) => {
  test('calls by name what was written, from its storage too when the registry has gone', async () => {
    const storageFile = newFile();
    const visit = (registry: RegistryProcess) =>
      visitApp(third, { ...deployed(registry), services: ['users', 'orders'], storageFile });
    const registry = await startRegistry(one);
    try {
      await register(other, registry, 'users', ...isPublic(other));
      await register(other, registry, 'orders', ...isPublic(other));
      expect(await visit(registry)).toEqual({ users: 'users', orders: 'orders' });
      expect(await visit(registry)).toEqual({ users: 'users', orders: 'orders' });
    } finally {
      await registry.stop();
    }
    expect(await visit(registry)).toEqual({ users: 'users', orders: 'orders' });
  });
});

describe.each(triples)('registry × publisher × app: $names', ({ one, other, third }) => {
  test('publishes what the app reads, with the registry behind it for what is not public', () =>
    withRegistry(one, async (registry) => {
      const s3 = await startTinyS3();
      const publisher = await startPublisher(other, registry, s3.url);
      try {
        await register(one, registry, 'users', ...isPublic(one));
        const record = { SequenceNumber: '1', Keys: { stage: { S: 'dev' }, key: { S: 'users' } } };
        expect(
          (await publisher.invoke({ Records: [{ eventSource: 'aws:dynamodb', dynamodb: record }] })).value,
        ).toEqual({ batchItemFailures: [] });
        const full = s3.versionsOf('/b/dev.json').at(-1)?.bytes as Buffer;
        expect(brotliDecompressSync(full).toString()).toContain(target('users'));
        const snapshot = { url: `${s3.url}/b/{stage}.public.json` };
        const { custom, registryAt } = deployed(registry);
        const visit = { custom: { ...custom, snapshot }, registryAt, services: ['users'], storageFile: newFile() };
        expect(await visitApp(third, visit)).toEqual({ users: 'users' });
      } finally {
        await publisher.stop();
        await s3.stop();
      }
    }));
});

describe.each(pairs)('an app built with one, then with the other, in the same browser: $names', ({ one, other }) => {
  test('is served by what is stored, or asks anew, and so is the first one after a rollback', () =>
    withRegistry(current, async (registry) => {
      await register(current, registry, 'users', '--public');
      const visit = { ...deployed(registry), services: ['users'], storageFile: newFile() };
      for (const side of [one, other, one]) expect(await visitApp(side, visit)).toEqual({ users: 'users' });
    }));
});

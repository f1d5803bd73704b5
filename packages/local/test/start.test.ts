import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { Level } from 'level';
import { startLocalRegistry, type LocalRegistry } from '../src/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-registry-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const endpoint = {
  stage: 'dev',
  service: 'users',
  kind: 'rest',
  target: 'https://users.example.com',
  owner: 'stack-1',
} as const;
const load = (registry: LocalRegistry) =>
  registrySource({ transport: apiKeyTransport(registry) }).load({ stage: 'dev', signal });

describe('a data folder', () => {
  test('keeps endpoints and revision across restarts', async () => {
    const dataFolder = join(folder, 'data');
    const first = await startLocalRegistry({ dataFolder });
    await registerEndpoint(sigv4Transport(first), endpoint);
    const before = await load(first);
    await first.stop();
    const second = await startLocalRegistry({ dataFolder });
    expect(await load(second)).toEqual(before);
    await second.stop();
  });

  test('that another registry uses is refused with what to do', async () => {
    const dataFolder = join(folder, 'shared');
    const first = await startLocalRegistry({ dataFolder });
    await expect(startLocalRegistry({ dataFolder })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('Another local registry is using it'),
    });
    await first.stop();
  });

  test('that is a file is refused with what to do', async () => {
    const dataFolder = join(folder, 'a-file');
    await writeFile(dataFolder, '');
    await expect(startLocalRegistry({ dataFolder })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('Make the folder writable'),
    });
  });

  test('with data of another program is refused, and left as it is', async () => {
    const dataFolder = join(folder, 'foreign');
    const foreign = new Level<string, unknown>(dataFolder, { valueEncoding: 'json' });
    await foreign.put('theirs', { any: 'thing' });
    await foreign.close();
    await expect(startLocalRegistry({ dataFolder })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('data other than the items of a registry'),
    });
    await foreign.open();
    expect(await foreign.values().all()).toEqual([{ any: 'thing' }]);
    await foreign.close();
  });

  test('with damaged data is refused, and left as it is', async () => {
    const dataFolder = join(folder, 'damaged');
    const first = await startLocalRegistry({ dataFolder });
    await registerEndpoint(sigv4Transport(first), endpoint);
    await first.stop();
    await writeFile(join(dataFolder, 'CURRENT'), 'garbage');
    await expect(startLocalRegistry({ dataFolder })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('damaged'),
    });
    expect(await readFile(join(dataFolder, 'CURRENT'), 'utf8')).toBe('garbage');
  });
});

test('data in memory is gone after a stop', async () => {
  const first = await startLocalRegistry();
  await registerEndpoint(sigv4Transport(first), endpoint);
  await first.stop();
  const second = await startLocalRegistry();
  expect(await load(second)).toEqual({ revision: '0.0', endpoints: [] });
  await second.stop();
});

describe('a port', () => {
  test('that is taken is refused with what to do', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    await expect(startLocalRegistry({ port })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining(`Port ${port}`),
    });
    await new Promise((resolve) => other.close(resolve));
  });

  test('can be used again after a stop', async () => {
    const first = await startLocalRegistry();
    await first.stop();
    const second = await startLocalRegistry({ port: first.port });
    expect(second.url).toBe(first.url);
    await second.stop();
  });
});

describe('a credentials file', () => {
  test('is readable by this user only, has the URL, and its credentials are used again', async () => {
    const credentialsFile = join(folder, 'deep', 'registry.json');
    const first = await startLocalRegistry({ credentialsFile, region: 'eu-west-1' });
    await first.stop();
    expect(JSON.parse(await readFile(credentialsFile, 'utf8'))).toEqual({
      url: first.url,
      region: 'eu-west-1',
      apiKey: first.apiKey,
      ...first.credentials,
    });
    if (process.platform !== 'win32') expect((await stat(credentialsFile)).mode & 0o777).toBe(0o600);
    const second = await startLocalRegistry({ credentialsFile });
    expect([second.apiKey, second.credentials, second.region]).toEqual([first.apiKey, first.credentials, 'eu-west-1']);
    await second.stop();
  });

  test.each([
    ['is no JSON', 'garbage'],
    ['is null', 'null'],
    ['lacks a key', '{"region":"eu-west-1"}'],
    ['has a key of the wrong form', '{"region":"r","apiKey":"a b","accessKeyId":"c","secretAccessKey":"d"}'],
  ])('that %s is refused with what to do, and left as it is', async (_, text) => {
    const credentialsFile = join(folder, 'corrupt.json');
    await writeFile(credentialsFile, text);
    await expect(startLocalRegistry({ credentialsFile })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('Delete it'),
    });
    expect(await readFile(credentialsFile, 'utf8')).toBe(text);
  });

  test('that cannot be written is refused, and the port is free again', async () => {
    const blocked = join(folder, 'blocked');
    await writeFile(blocked, '');
    const { port, stop } = await startLocalRegistry();
    await stop();
    await expect(startLocalRegistry({ port, credentialsFile: join(blocked, 'registry.json') })).rejects.toMatchObject({
      code: 'InvalidOptions',
    });
    await (await startLocalRegistry({ port })).stop();
  });

  test('is written only on request, and two registries share no credentials', async () => {
    const [first, second] = [await startLocalRegistry(), await startLocalRegistry()];
    expect(first.apiKey).not.toBe(second.apiKey);
    expect(first.credentials.secretAccessKey).not.toBe(second.credentials.secretAccessKey);
    await Promise.all([first.stop(), second.stop()]);
  });
});

test('stopping twice is fine, even with an open connection', async () => {
  const registry = await startLocalRegistry();
  await load(registry);
  await Promise.all([registry.stop(), registry.stop()]);
  await expect(registry.stop()).resolves.toBeUndefined();
  await expect(fetch(registry.url)).rejects.toThrow('fetch failed');
});

test('stopping during writes ends them with an error, not a crash, and leaves the data intact', async () => {
  const dataFolder = join(folder, 'interrupted');
  const registry = await startLocalRegistry({ dataFolder });
  const transport = sigv4Transport(registry);
  await registerEndpoint(transport, endpoint);
  const writes = Array.from({ length: 10 }, (_, number) =>
    registerEndpoint(transport, { ...endpoint, id: `endpoint-${number}` }),
  );
  const outcomes = Promise.allSettled(writes);
  await registry.stop();
  for (const outcome of await outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'RegistryUnavailable' });
  }
  const again = await startLocalRegistry({ dataFolder });
  const answer = await load(again);
  expect(answer.unchanged ? [] : answer.endpoints).toContainEqual(expect.objectContaining({ id: 'default' }));
  await again.stop();
});

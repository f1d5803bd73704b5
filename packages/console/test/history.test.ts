import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { publishStage } from '@amplify-discovery/publisher';
import { createS3ObjectStore, type S3ObjectStore } from '@amplify-discovery/publisher/store';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createHistoryHandler, type HistoryEvent } from '../src/history/create-history-handler.ts';
import { readHistorySettings, type HistoryEntry } from '../src/index.ts';

let registry: LocalRegistry;
let s3: TinyS3;
let store: S3ObjectStore;
let handle: ReturnType<typeof createHistoryHandler>;

/** Stands for tokens: the registry here knows keys. */
const openSource = (token: string) =>
  registrySource({ transport: apiKeyTransport({ url: registry.url, apiKey: token }) });

async function publish(service: string, target: string): Promise<void> {
  const transport = sigv4Transport(registry);
  await registerEndpoint(transport, { stage: 'dev', service, kind: 'http', target, owner: 'cli:ann', public: true });
  await publishStage('dev', { source: registrySource({ transport }), store, prefix: 'live/' });
}

beforeAll(async () => {
  registry = await startLocalRegistry();
  s3 = await startTinyS3();
  const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
  store = createS3ObjectStore({ bucket: 'b', region: 'eu-west-1', endpoint: s3.url, credentials });
  await publish('users', 'https://one.example.com');
  await publish('users', 'https://two.example.com');
  await publish('orders', 'https://orders.example.com');
});
afterAll(async () => {
  await s3?.stop();
  await registry?.stop();
});
beforeEach(() => {
  handle = createHistoryHandler({ openSource, store, prefix: 'live/' });
});

const ask = async (stage: string, token = registry.apiKey) =>
  read({ rawQueryString: `${new URLSearchParams({ stage })}`, headers: { 'x-console-token': token } });

async function read(event: HistoryEvent): Promise<{ readonly statusCode: number; readonly value: unknown }> {
  const { statusCode, body } = await handle(event);
  return { statusCode, value: JSON.parse(body) };
}

test('the published states come newest first, each with what going back to it would change', async () => {
  const { statusCode, value } = await ask('dev');
  expect(statusCode).toBe(200);
  const entries = value as readonly HistoryEntry[];
  expect(entries.map(({ endpoints, differences }) => [endpoints, differences])).toEqual([
    [2, []],
    [1, ['- orders/default https://orders.example.com']],
    [
      1,
      [
        '- orders/default https://orders.example.com',
        '~ users/default target https://two.example.com → https://one.example.com',
      ],
    ],
  ]);
  expect(entries[0]?.writtenAt).toMatch(/^\d{4}-/);
});

test('a stage that was never published has none', async () => {
  expect(await ask('pr-1')).toEqual({ statusCode: 200, value: [] });
});

test('whom the registry refuses sees nothing, and the bucket is not asked', async () => {
  const before = s3.requests.length;
  expect(await ask('dev', 'da2-wrong')).toMatchObject({
    statusCode: 403,
    value: { error: { code: 'RegistryDenied' } },
  });
  expect(await read({ rawQueryString: 'stage=dev' })).toMatchObject({
    statusCode: 401,
    value: { error: { code: 'SignedOut' } },
  });
  expect(s3.requests).toHaveLength(before);
});

test.each(['', '../secret', 'dev.json?versions', 'a/b', '\u202edev'])(
  '%j is not a stage, and no key of the bucket',
  async (stage) => {
    const before = s3.requests.length;
    expect(await ask(stage)).toMatchObject({ statusCode: 400 });
    expect(s3.requests).toHaveLength(before);
  },
);

test('a bucket that does not answer is an error with what to do', async () => {
  const failing: Pick<S3ObjectStore, 'listVersions' | 'getVersion'> = createS3ObjectStore({
    bucket: 'b',
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }),
  });
  handle = createHistoryHandler({ openSource, store: failing, prefix: '' });
  expect(await ask('dev')).toMatchObject({
    statusCode: 502,
    value: { error: { code: 'BucketUnavailable', advice: expect.any(String) } },
  });
});

test('its settings take the prefixes and registries that the publisher takes, and no others', () => {
  const settings = {
    AWS_REGION: 'eu-west-1',
    DISCOVERY_REGISTRY_URL: 'https://registry.example.com/graphql',
    DISCOVERY_SNAPSHOT_BUCKET: 'b',
  };
  expect(readHistorySettings({ ...settings, DISCOVERY_SNAPSHOT_PREFIX: 'live/' })).toMatchObject({ prefix: 'live/' });
  for (const wrong of [{ DISCOVERY_SNAPSHOT_PREFIX: '/live' }, { DISCOVERY_REGISTRY_URL: 'registry.example.com' }])
    expect(() => readHistorySettings({ ...settings, ...wrong })).toThrow(
      expect.objectContaining({ code: 'InvalidOptions' }),
    );
});

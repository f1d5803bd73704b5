import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiKeyTransport, registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { listStages, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { failingTransport } from '@amplify-discovery/test-rig';

import { toDynamoItem } from '../src/dynamo-values.ts';
import { openItemStore } from '../src/item-store.ts';
import { startLocalRegistry, type LocalRegistry } from '../src/index.ts';

const size = 2_178;
const tombstones = 22;
const stage = 'large';
let folder: string;
let registry: LocalRegistry;
let sums = { a: 0n, b: 0n };

/** Writes items as the resolvers write them into the data folder directly, then opens it as a registry. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'large-stage-'));
  const store = await openItemStore(folder, registryDefinition.table);
  const makeItem = (number: number) => {
    const [limbA, limbB] = [2 ** 48 - 1 - number, number * 28_000_000_019];
    const service = `service-${String(number).padStart(5, '0')}`;
    const removed = number % 100 === 99;
    if (!removed) sums = { a: sums.a + BigInt(limbA), b: sums.b + BigInt(limbB) };
    return {
      stage,
      key: `${service}#default`,
      limbA,
      limbB,
      token: `${limbA}.${limbB}`,
      requestIds: [],
      ...(removed
        ? { removed: true }
        : {
            service,
            id: 'default',
            kind: 'rest',
            target: `https://${service}.example.com/prod`,
            weight: 100,
            public: true,
            owner: 'seed',
          }),
    };
  };
  const items = Array.from({ length: size + tombstones }, (_, number) => makeItem(number));
  await Promise.all(items.map((item) => store.write(JSON.stringify(item.key), toDynamoItem(item))));
  await store.close();
  registry = await startLocalRegistry({ dataFolder: folder });
}, 120_000);
afterAll(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

const load = async (
  more: { services?: string[]; knownRevision?: string } = {},
  through: GraphqlTransport = apiKeyTransport(registry),
) => {
  const { transport, requests } = failingTransport(through);
  const source = registrySource({ transport, timeoutMs: 60_000 });
  const answer = await source.load({ stage, signal: new AbortController().signal, ...more });
  return { answer, pages: requests.length };
};

test('a stage of several pages is read page by page, each endpoint once, with the revision of all of them', async () => {
  const { answer, pages } = await load();
  if (answer.unchanged) throw new Error('unchanged was not expected');
  const names = answer.endpoints.map((endpoint) => (endpoint as { service: string }).service);
  expect(names).toHaveLength(size);
  expect(new Set(names).size).toBe(size);
  expect(pages).toBe(3);
  expect(answer.revision).toBe(`${sums.a % 2n ** 48n}.${sums.b % 2n ** 48n}`);

  const again = await load({ knownRevision: answer.revision });
  expect(again.answer).toEqual({ unchanged: true, revision: answer.revision });

  const one = await load({ services: ['service-01321'] });
  expect(one.answer).toMatchObject({ revision: answer.revision, endpoints: [{ service: 'service-01321' }] });
}, 120_000);

test('a write to a stage of several pages changes its revision', async () => {
  const before = (await load()).answer.revision;
  await registerEndpoint(sigv4Transport(registry), {
    stage,
    service: 'service-00000',
    kind: 'rest',
    target: 'https://moved.example.com',
    owner: 'seed',
  });
  expect((await load()).answer.revision).not.toBe(before);
}, 120_000);

test('its stage is listed once, and its head is not listed as a stage', async () => {
  expect(await listStages(sigv4Transport(registry))).toEqual([stage]);
}, 120_000);

test('"unchanged" is one request that reads one row, once a caller with IAM credentials has read the whole stage', async () => {
  const { answer } = await load({}, sigv4Transport(registry));
  for (const transport of [sigv4Transport(registry), apiKeyTransport(registry)]) {
    const again = await load({ knownRevision: answer.revision }, transport);
    expect(again).toEqual({ answer: { unchanged: true, revision: answer.revision }, pages: 1 });
  }
}, 120_000);

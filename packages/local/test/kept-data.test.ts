import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DiscoveryError } from '@amplify-discovery/core';
import { registrySource } from '@amplify-discovery/registry';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { deregisterEndpoint, findService, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import {
  findMountCommand,
  startRegistryProcess,
  type RegistryProcess,
  type RegistryProcessOptions,
} from '@amplify-discovery/test-rig/registry-process';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { openDynamoTable } from '../src/dynamo-table.ts';
import type { DynamoItem } from '@amplify-discovery/registry/audit';
import { fromDynamoItem, toDynamoItem } from '../src/dynamo-values.ts';
import { startLocalRegistry, type LocalRegistry } from '../src/index.ts';
import { openItemStore } from '../src/item-store.ts';

const layout = registryDefinition.table;
const services = ['a', 'b', 'c', 'd'];
const stage = 'dev';
let folder: string;
let dataFolder: string;
const started: RegistryProcess[] = [];

async function startProcess(options: RegistryProcessOptions): Promise<RegistryProcess> {
  const registry = await startRegistryProcess(options);
  started.push(registry);
  return registry;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-data-'));
  dataFolder = join(folder, 'data');
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((registry) => registry.kill()));
  await rm(folder, { recursive: true });
});

type Place = Pick<LocalRegistry, 'url' | 'region' | 'apiKey' | 'credentials'>;
const register = (place: Place, service: string, target: string, more: object = {}) =>
  registerEndpoint(sigv4Transport(place), { stage, service, kind: 'rest', target, owner: 'me', ...more });

/** Each service's target, from the table and from its index. */
async function readTargets(place: Place) {
  const transport = sigv4Transport(place);
  const source = registrySource({ transport });
  const answer = await source.load({ stage, signal: new AbortController().signal });
  const records = (answer.unchanged ? [] : answer.endpoints) as readonly { service: string; target: string }[];
  const byTable = Object.fromEntries(records.map(({ service, target }) => [service, target]));
  const found = await Promise.all(services.map((service) => findService(transport, service)));
  const byIndex = Object.fromEntries(found.flat().map(({ service, target }) => [service, target]));
  return { byTable, byIndex };
}

describe('a registry that is killed in the middle of writes', () => {
  test('has every write that it acknowledged, and an index that agrees with its table', async () => {
    const acknowledged = new Map<string, string | undefined>();
    for (const round of [1, 2]) {
      const registry = await startProcess({ folder });
      const inFlight = new Map(services.map((service) => [service, new Set<string | undefined>()]));
      let writes = 0;
      const write = async (service: string) => {
        for (let number = 0; writes < 10 * round; number++) {
          const target = number % 3 === 2 ? undefined : `https://${service}-${round}-${number}.example.com`;
          inFlight.get(service)?.add(target);
          await (target === undefined
            ? deregisterEndpoint(sigv4Transport(registry), { stage, service, owner: 'me' })
            : register(registry, service, target));
          inFlight.get(service)?.delete(target);
          acknowledged.set(service, target);
          writes++;
        }
        // The others are in the middle of a write.
        await registry.kill();
      };
      await Promise.allSettled(services.map(write));

      const again = await startLocalRegistry({ dataFolder });
      const { byTable, byIndex } = await readTargets(again);
      await again.stop();
      expect(byIndex).toEqual(byTable);
      for (const service of services)
        expect([acknowledged.get(service), ...(inFlight.get(service) ?? [])]).toContain(byTable[service]);
    }
  });
});

test('the index is derived from the stored items, whatever they are', async () => {
  const item = fc.record({
    service: fc.constantFrom(...services),
    removed: fc.boolean(),
    target: fc.domain().map((host) => `https://${host}`),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 12 }), async (writes) => {
      const path = await mkdtemp(join(folder, 'items-'));
      const store = await openItemStore(path, layout);
      for (const { service, removed, target } of writes) {
        const shared = { stage, key: `${service}#default`, limbA: 1, limbB: 2, token: '1.2', requestIds: [] };
        const record = { service, id: 'default', kind: 'rest', target, weight: 100, owner: 'me' };
        await store.write(shared.key, toDynamoItem({ ...shared, ...(removed ? { removed } : record) }));
      }
      await store.close();
      const registry = await startLocalRegistry({ dataFolder: path });
      const { byTable, byIndex } = await readTargets(registry);
      await registry.stop();
      expect(byIndex).toEqual(byTable);
    }),
    { numRuns: scaleRuns(3) },
  );
});

describe('a write that cannot be stored', () => {
  const key = { stage: 'dev', key: 'a#default' };
  const make = (target: string) => ({ Item: toDynamoItem({ ...key, service: 'a', target }) });

  /** A store whose next writes fail. */
  function createFailingStore(items: readonly DynamoItem[], failures: number) {
    const kept = new Map(items.map((item) => [JSON.stringify(item), item]));
    let left = failures;
    return {
      items,
      kept,
      async write(name: string, item: DynamoItem | undefined) {
        if (left-- > 0) throw new DiscoveryError('StorageFailed', 'no space left');
        if (item) kept.set(name, item);
        else kept.delete(name);
      },
      close: async () => {},
    };
  }
  const openWith = async (items: readonly DynamoItem[], failures: number) => {
    const { call } = await openDynamoTable(layout, {
      store: createFailingStore(items, failures),
      log: async () => async () => {},
    });
    const read = async () => {
      const { Item } = await call('GetItem', { Key: toDynamoItem(key) });
      const { Items } = await call('Query', {
        IndexName: layout.index.name,
        KeyConditionExpression: `${layout.index.partitionKey} = :a`,
        ExpressionAttributeValues: toDynamoItem({ ':a': 'a' }),
      });
      return { table: Item && fromDynamoItem(Item as DynamoItem), index: (Items as DynamoItem[]).map(fromDynamoItem) };
    };
    return { call, read };
  };

  test.each([
    ['of a new item', [], 'PutItem', make('new')],
    ['over another one', [make('old').Item], 'PutItem', make('new')],
    ['that removes', [make('old').Item], 'DeleteItem', { Key: toDynamoItem(key) }],
    [
      'that changes a part',
      [make('old').Item],
      'UpdateItem',
      {
        Key: toDynamoItem(key),
        UpdateExpression: 'REMOVE service SET target = :new',
        ExpressionAttributeValues: toDynamoItem({ ':new': 'new' }),
      },
    ],
  ] as const)(
    '%s is an error, and nothing has changed; it succeeds when there is space again',
    async (_, items, action, input) => {
      const { call, read } = await openWith(items, 2);
      const before = await read();
      for (const attempt of [1, 2]) {
        await expect(call(action, input)).rejects.toMatchObject({
          errorType: 'DynamoDB:InternalServerError',
          message: 'no space left',
        });
        expect([attempt, await read()]).toEqual([attempt, before]);
      }
      await call(action, input);
      expect(await read()).not.toEqual(before);
    },
  );
});

const describeWithDisk = findMountCommand('/tmp', 1024) === undefined ? describe.skip : describe;

describeWithDisk('a full disk', () => {
  test('is an error for the caller; the registry goes on, and nothing is lost', async () => {
    const registry = await startProcess({ folder, diskBytes: 512 * 1024 });
    const filler = join(registry.folder, 'filler');
    await writeFile(filler, Buffer.alloc(200 * 1024));
    const written: Record<string, string> = {};
    const large = { metadata: { note: 'x'.repeat(4000) } };
    for (let number = 0; ; number++) {
      const [service, target] = [services[number % 4] as string, `https://a${number}.example.com`];
      const failure: unknown = await register(registry, service, target, large).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure !== undefined) {
        expect(failure).toMatchObject({
          code: 'RegistryUnavailable',
          message: expect.stringMatching(
            /Nothing was changed: the (data folder|log) .* cannot be written .*no space left/i,
          ),
        });
        break;
      }
      written[service] = target;
    }
    await expect(register(registry, 'a', 'https://late.example.com', large)).rejects.toThrow(/no space left/i);
    expect(await readTargets(registry)).toEqual({ byTable: written, byIndex: written });

    await rm(filler);
    written['a'] = 'https://again.example.com';
    await register(registry, 'a', written['a'], large);
    expect(await readTargets(registry)).toEqual({ byTable: written, byIndex: written });

    const copy = join(folder, 'copy');
    await cp(join(registry.folder, 'data'), copy, { recursive: true });
    await registry.kill();
    const again = await startLocalRegistry({ dataFolder: copy });
    expect(await readTargets(again)).toEqual({ byTable: written, byIndex: written });
    await again.stop();
  });
});

import { setImmediate } from 'node:timers/promises';
import type { RegistryDefinition } from '@amplify-discovery/registry/definition';
import type { DynamoItem } from '@amplify-discovery/registry/audit';
import type { ChangeFeed } from './create-change-feed.ts';
import { createEmbeddedDynamo, type DynamoAction, type DynamoCall } from './embedded-dynamo.ts';
import type { ItemStore } from './item-store.ts';
import { ResolverError } from './resolver-error.ts';

export interface DynamoTable {
  /** Calls an action on the table; its name is added to the input. */
  readonly call: DynamoCall;
  /** Resolves once pending writes are stored. */
  close(): Promise<void>;
}

type Layout = RegistryDefinition['table'];

const tableName = 'registry';
const writingActions: readonly DynamoAction[] = ['PutItem', 'UpdateItem', 'DeleteItem'];

/** Where the table is stored between runs. */
export interface TableKeeping {
  readonly store: ItemStore;
  /** Called with each change before it is stored, one at a time. */
  readonly log: ChangeFeed;
}

/**
 * The registry's table in an embedded in-memory DynamoDB, loaded from the store. A write succeeds only once the store and the
 * log of changes have it too. Closing the table closes the store.
 */
export async function openDynamoTable(layout: Layout, keeping?: TableKeeping): Promise<DynamoTable> {
  const dynamo = createEmbeddedDynamo();
  const call: DynamoCall = (action, input) => dynamo(action, { TableName: tableName, ...input });
  await createTable(call, layout);
  if (!keeping) return { call, close: async () => {} };
  const { store, log } = keeping;

  const { partitionKey, sortKey } = layout;
  const keyOf = (item: DynamoItem): DynamoItem => ({
    [partitionKey]: item[partitionKey] as DynamoItem[string],
    [sortKey]: item[sortKey] as DynamoItem[string],
  });
  for (const item of store.items) await call('PutItem', { Item: item });

  // One write at a time, so that the store ends with what is in memory.
  let lastWrite: Promise<unknown> = Promise.resolve();

  const write = async (action: DynamoAction, input: { readonly Key?: DynamoItem; readonly Item?: DynamoItem }) => {
    const key = keyOf((input.Key ?? input.Item) as DynamoItem);
    const read = async () =>
      (await call('GetItem', { Key: key, ConsistentRead: true }))['Item'] as DynamoItem | undefined;
    const before = await read();
    const answer = await call(action, input);
    const after = await read();
    let takeBack: (() => Promise<void>) | undefined;
    try {
      takeBack = await log({ key, before, after });
      await store.write(JSON.stringify(key), after);
    } catch (error) {
      await (before ? call('PutItem', { Item: before }) : call('DeleteItem', { Key: key }));
      await takeBack?.();
      // As DynamoDB reports its own failures, which callers may retry.
      throw new ResolverError((error as Error).message, 'DynamoDB:InternalServerError');
    }
    return answer;
  };

  return {
    call(action, input) {
      if (!writingActions.includes(action)) return call(action, input);
      const writing = lastWrite.then(() => write(action, input));
      lastWrite = writing.catch(() => {});
      return writing;
    },
    async close() {
      await lastWrite;
      await store.close();
    },
  };
}

async function createTable(call: DynamoCall, { partitionKey, sortKey, index }: Layout): Promise<void> {
  const keySchema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
  const names = new Set([partitionKey, sortKey, index.partitionKey, index.sortKey]);
  await call('CreateTable', {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...names].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    KeySchema: keySchema(partitionKey, sortKey),
    GlobalSecondaryIndexes: [
      {
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: index.projection },
      },
    ],
  });
  for (;;) {
    const { Table } = (await call('DescribeTable', {})) as { Table?: { TableStatus?: string } };
    if (Table?.TableStatus === 'ACTIVE') return;
    await setImmediate();
  }
}

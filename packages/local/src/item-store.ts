import { DiscoveryError } from '@amplify-discovery/core';
import type { RegistryDefinition } from '@amplify-discovery/registry/definition';
import { Level } from 'level';
import type { DynamoItem } from '@amplify-discovery/registry/audit';

/** Stores the table's items between runs. */
export interface ItemStore {
  /** Every stored item. */
  readonly items: readonly DynamoItem[];
  /**
   * Replaces the item with this key; undefined removes it.
   *
   * @throws DiscoveryError `StorageFailed` when it can't be stored. The old item stays then, and a later write may succeed.
   */
  write(key: string, item: DynamoItem | undefined): Promise<void>;
  close(): Promise<void>;
}

/**
 * Stores items in a folder. Indexes are not stored but derived at each start, so that a process killed in the middle of a
 * write can't leave an index that disagrees with its table.
 *
 * @throws DiscoveryError `InvalidOptions` when the folder can't be used; it is left unchanged.
 */
export async function openItemStore(
  folder: string,
  { partitionKey, sortKey }: Pick<RegistryDefinition['table'], 'partitionKey' | 'sortKey'>,
): Promise<ItemStore> {
  const level = new Level<string, DynamoItem>(folder, { valueEncoding: 'json' });
  let isClosed = false;
  let hasFailed = false;
  try {
    await level.open();
    const items = await level.values().all();
    const isItem = (item: DynamoItem) => [partitionKey, sortKey].every((name) => Object(Object(item)[name]).S);
    if (!items.every(isItem)) throw new Error('it holds data other than the items of a registry');
    return { items, write, close };
  } catch (error) {
    await level.close();
    throw describeUnusable(folder, error);
  }

  async function write(key: string, item: DynamoItem | undefined): Promise<void> {
    try {
      if (hasFailed) await reopen();
      await (item ? level.put(key, item) : level.del(key));
    } catch (error) {
      hasFailed = true;
      const advice = 'Free some space or fix its permissions, and try again.';
      const message = `Nothing was changed: the data folder "${folder}" cannot be written (${describeCause(error)}). ${advice}`;
      throw new DiscoveryError('StorageFailed', message, { cause: error });
    }
  }

  /** A failed write can leave half a record in LevelDB's log, after which appended records may be lost: start a new log. */
  async function reopen(): Promise<void> {
    await level.close();
    if (isClosed) throw new Error('it was closed');
    await level.open();
    hasFailed = false;
  }

  async function close(): Promise<void> {
    isClosed = true;
    await level.close();
  }
}

function describeUnusable(folder: string, error: unknown): DiscoveryError {
  const { code } = Object((error as Error).cause) as { readonly code?: string };
  const advice =
    code === 'LEVEL_LOCKED'
      ? 'Another local registry is using it: stop that one, or name another folder.'
      : code === undefined || code === 'LEVEL_CORRUPTION'
        ? 'Its data may be damaged: move the folder away to start with an empty one, or name another folder.'
        : 'Make the folder writable, with free space on its disk, or name another one.';
  const message = `The data folder "${folder}" cannot be opened (${describeCause(error)}). ${advice}`;
  return new DiscoveryError('InvalidOptions', message, { cause: error });
}

/** LevelDB's own message; when opening fails it is in the cause. */
function describeCause(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

import { DiscoveryError } from '@amplify-discovery/core';

/**
 * The part of the AWS SDK's `CloudFrontKeyValueStore` that is used. That client signs with SigV4A, so it needs
 * `@aws-sdk/signature-v4a` beside it.
 */
export interface EdgeStore {
  describeKeyValueStore(input: { readonly KvsARN: string }): Promise<{ readonly ETag?: string | undefined }>;
  listKeys(input: { readonly KvsARN: string; readonly NextToken?: string }): Promise<{
    readonly Items?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
    readonly NextToken?: string | undefined;
  }>;
  updateKeys(input: {
    readonly KvsARN: string;
    readonly IfMatch: string;
    readonly Puts: { Key: string; Value: string }[];
    readonly Deletes: { Key: string }[];
  }): Promise<{ readonly ETag?: string | undefined }>;
}

export interface SyncEdgeOptions {
  readonly store: EdgeStore;
  /** The store's ARN. */
  readonly arn: string;
  /** Only this stage's keys are ever removed. */
  readonly stage: string;
  /** What shall be there: `planEdgeEntries(…).entries`, with the settings if this is who writes them. */
  readonly entries: ReadonlyMap<string, string>;
  /** How often everything is read again because someone else wrote at the same time. @default 5 */
  readonly attempts?: number | undefined;
}

/** CloudFront takes 50 changes at once. */
const maximumChanges = 50;

/**
 * Makes the key value store say what the entries say, by changes only: nothing is written when nothing has changed. New and
 * changed keys are written before old ones are removed.
 *
 * @returns how many keys were written and removed.
 * @throws DiscoveryError `ConcurrentChange` after the last attempt; else what the store throws.
 */
export async function syncEdge(options: SyncEdgeOptions): Promise<{ readonly put: number; readonly removed: number }> {
  const { store, arn, stage, entries, attempts = 5 } = options;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { ETag } = await store.describeKeyValueStore({ KvsARN: arn });
    const current = await readKeys(store, arn);
    const puts = [...entries]
      .filter(([key, value]) => current.get(key) !== value)
      .map(([Key, Value]) => ({ Key, Value }));
    const gone = [...current.keys()].filter((key) => key.startsWith(`${stage}/`) && !entries.has(key));
    const changes = [...puts, ...gone.map((Key) => ({ Key }))];
    let etag = ETag ?? '';
    try {
      for (let start = 0; start < changes.length; start += maximumChanges) {
        const batch = changes.slice(start, start + maximumChanges);
        const answer = await store.updateKeys({
          KvsARN: arn,
          IfMatch: etag,
          Puts: batch.filter((change): change is { Key: string; Value: string } => 'Value' in change),
          Deletes: batch.filter((change) => !('Value' in change)),
        });
        etag = answer.ETag ?? etag;
      }
      return { put: puts.length, removed: gone.length };
    } catch (error) {
      if ((error as Error | undefined)?.name !== 'ConflictException') throw error;
    }
  }
  throw new DiscoveryError('ConcurrentChange', `Edge entries of "${stage}": others wrote ${attempts} times meanwhile`, {
    stage,
  });
}

async function readKeys(store: EdgeStore, arn: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let token: string | undefined;
  do {
    const page = await store.listKeys({ KvsARN: arn, ...(token !== undefined && { NextToken: token }) });
    for (const { Key, Value = '' } of page.Items ?? []) if (Key !== undefined) found.set(Key, Value);
    token = page.NextToken;
  } while (token !== undefined);
  return found;
}

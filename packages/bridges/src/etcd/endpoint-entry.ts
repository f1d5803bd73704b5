import type { Endpoint } from '@amplify-discovery/core';
import { readFields, renderFields } from '../engine/copied-fields.ts';
import { markKey } from '../engine/mark-key.ts';

/** What an entry says: flat texts, the mark apart. */
export interface EntryContent {
  readonly fields: Readonly<Record<string, string>>;
  readonly mark: string | undefined;
}

/**
 * The value in the layout of etcd's own naming package, which gRPC clients read: `Addr` is host and port, `Metadata` has the
 * record's fields, `url` among them.
 *
 * https://pkg.go.dev/go.etcd.io/etcd/client/v3/naming/endpoints
 */
export function renderEntry(endpoint: Endpoint, mark: string): string {
  const { hostname, port, protocol } = new URL(endpoint.target);
  const address = `${hostname}:${port || (/s:$/.test(protocol) ? '443' : '80')}`;
  return JSON.stringify({ Op: 0, Addr: address, Metadata: { ...renderFields(endpoint), [markKey]: mark } });
}

/** What the value says; a value that isn't of this layout has no fields and no mark. */
export function readEntry(value: string): EntryContent {
  let metadata: unknown;
  try {
    metadata = (JSON.parse(value) as { Metadata?: unknown } | null)?.Metadata;
  } catch {
    metadata = undefined;
  }
  if (typeof metadata !== 'object' || metadata === null) return { fields: {}, mark: undefined };
  const texts = Object.entries(metadata).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const { [markKey]: mark, ...fields } = Object.fromEntries(texts);
  return { fields, mark };
}

/** The untrusted record of an entry; undefined without a `url`, or where a bridge has copied it there. */
export function readRecord(stage: string, path: string, value: string): Record<string, unknown> | undefined {
  const [service = '', id = '', ...more] = path.split('/');
  const { fields, mark } = readEntry(value);
  return mark === undefined && more.length === 0 ? readFields({ stage, service, id }, fields) : undefined;
}

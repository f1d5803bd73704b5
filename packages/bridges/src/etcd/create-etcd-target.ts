import { createEntryTarget } from '../engine/create-entry-target.ts';
import { renderContent, renderFields } from '../engine/copied-fields.ts';
import type { Target } from '../engine/target.ts';
import { readEntry, renderEntry } from './endpoint-entry.ts';
import { createEtcdClient, type EtcdEntry, type EtcdOptions } from './etcd-client.ts';

/**
 * etcd as a target: entries `{prefix}{stage}/{service}/{id}`, which gRPC's resolver for etcd reads. Every write is a
 * transaction on the entry that was read, so another owner's entry is never overwritten. Entries have no lease: they stay when
 * the bridge ends.
 *
 * @example
 * ```ts
 * const target = createEtcdTarget({ url: 'https://etcd.internal:2379', prefix: '/services/' });
 * ```
 */
export function createEtcdTarget(options: EtcdOptions): Target {
  const client = createEtcdClient(options);
  const { name, prefix } = client;
  return createEntryTarget<EtcdEntry>(
    {
      name,
      use: (place, call, operate) => {
        // Not below the stage, so that no reader of endpoints comes across it; no stage can have a # in its name.
        const start = place === 'statuses' ? `${prefix}${call.stage}#bridges/` : `${prefix}${call.stage}/`;
        const below = (entry: EtcdEntry) => ({ ...entry, key: entry.key.slice(start.length) });
        return operate({
          list: async () => (await client.list(start, call)).map(below),
          find: async (key) => {
            const entry = await client.find(`${start}${key}`, call);
            return entry && below(entry);
          },
          replace: (key, value, seen) => client.replace(`${start}${key}`, value, seen, call),
        });
      },
    },
    {
      render: (endpoint, mark) =>
        mark === undefined ? renderContent(renderFields(endpoint)) : renderEntry(endpoint, mark),
      read(value) {
        const { fields, mark } = readEntry(value);
        return { content: renderContent(fields), mark };
      },
    },
  );
}

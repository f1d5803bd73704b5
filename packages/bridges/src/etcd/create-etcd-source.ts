import type { Source } from '@amplify-discovery/core';
import { markOrigin } from '../engine/mark-origin.ts';
import { readRecord } from './endpoint-entry.ts';
import { createEtcdClient, type EtcdOptions } from './etcd-client.ts';

/**
 * etcd as a source: entries `{prefix}{stage}/{service}/{id}` in the layout of etcd's naming package whose metadata has a `url`.
 * What a bridge has copied there is left out. An unchanged stage costs one small read.
 *
 * Hosts of these records have no derived trust: list them.
 *
 * @example
 * ```ts
 * const source = createEtcdSource({ url: 'https://etcd.internal:2379' });
 * const snapshot = await source.load({ stage: 'prod', signal: AbortSignal.timeout(5000) });
 * ```
 */
export function createEtcdSource(options: EtcdOptions): Source {
  const client = createEtcdClient(options);
  return {
    name: client.name,
    async load({ stage, knownRevision, signal }) {
      const call = { stage, signal };
      const prefix = `${client.prefix}${stage}/`;
      // Read first: what changes in between is read twice, not missed.
      const revision = await client.readRevision(prefix, call);
      if (revision === knownRevision) return { unchanged: true, revision };
      const endpoints = (await client.list(prefix, call)).flatMap(({ key, value }) => {
        const record = readRecord(stage, key.slice(prefix.length), value);
        return record ? [markOrigin(record, client.name)] : [];
      });
      return { revision, endpoints };
    },
  };
}

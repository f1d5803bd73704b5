import type { Source } from '@amplify-discovery/core';
import { readFields } from '../engine/copied-fields.ts';
import { hashRecords } from '../engine/hash-records.ts';
import { markOrigin } from '../engine/mark-origin.ts';
import { markKey } from '../engine/mark-key.ts';
import { createCloudMapClient, type CloudMapOptions } from './cloud-map-client.ts';

/** A service's records as they were at one revision of its instances. */
interface KnownService {
  readonly revision: number;
  readonly records: readonly object[];
}

/**
 * Cloud Map as a source: the instances that have the attribute `url`, as a bridge or their own deployment wrote them. What a
 * bridge has copied there is left out. Only services whose revision has changed are read again.
 *
 * Hosts of these records have no derived trust: list them.
 *
 * @example
 * ```ts
 * const source = createCloudMapSource({ namespace: '{stage}.internal', region: 'eu-west-1', credentials });
 * const snapshot = await source.load({ stage: 'prod', signal: AbortSignal.timeout(5000) });
 * ```
 */
export function createCloudMapSource(options: CloudMapOptions): Source {
  const client = createCloudMapClient(options);
  const known = new Map<string, KnownService>();

  return {
    name: client.name,
    async load({ stage, knownRevision, signal }) {
      const call = { stage, signal };
      const namespace = await client.findNamespace(call);
      const services = namespace === undefined ? [] : await client.listServices(namespace, call);
      const records: object[] = [];
      for (const { id, name } of services) {
        const revision = await client.findRevision(name, call);
        const last = known.get(id);
        if (last && last.revision === revision) {
          records.push(...last.records);
          continue;
        }
        const found = (await client.discoverInstances(name, call)).flatMap((instance) => {
          if (Object.hasOwn(instance.attributes, markKey)) return [];
          const record = readFields({ stage, service: name, id: instance.id }, instance.attributes);
          return record ? [markOrigin(record, client.name)] : [];
        });
        if (revision !== undefined) known.set(id, { revision, records: found });
        records.push(...found);
      }
      const revision = hashRecords(records);
      return revision === knownRevision ? { unchanged: true, revision } : { revision, endpoints: records };
    },
  };
}

import type { Source } from '@amplify-discovery/core';
import { hashRecords } from '../engine/hash-records.ts';
import { markOrigin } from '../engine/mark-origin.ts';
import { readRecord } from './service-instance.ts';
import { createZookeeperClient, type ZookeeperOptions } from './zookeeper-client.ts';

/**
 * ZooKeeper as a source: what Curator's service discovery, and Spring Cloud Zookeeper with it, has registered below
 * `{basePath}/{service}/{id}`, as far as it may be called: by the `url` of its payload, its URI specification, `sslPort`, or on
 * this machine `port`. What a bridge has copied there is left out. Every load reads all instances of the stage.
 *
 * Hosts of these records have no derived trust: list them.
 *
 * @throws DiscoveryError `InvalidOptions`
 *
 * @example
 * ```ts
 * const source = createZookeeperSource({ servers: 'zk.internal:2281', basePath: '/services' });
 * const snapshot = await source.load({ stage: 'prod', signal: AbortSignal.timeout(5000) });
 * ```
 */
export function createZookeeperSource(options: ZookeeperOptions): Source {
  const { name, use } = createZookeeperClient(options);
  return {
    name,
    async load({ stage, knownRevision, signal }) {
      const entries = await use('endpoints', { stage, signal }, ({ list }) => list());
      const endpoints = entries.flatMap(({ key, value }) => {
        const record = readRecord(stage, key, value);
        return record ? [markOrigin(record, name)] : [];
      });
      const revision = hashRecords(endpoints);
      return revision === knownRevision ? { unchanged: true, revision } : { revision, endpoints };
    },
  };
}

import { createEntryTarget } from '../engine/create-entry-target.ts';
import type { Target } from '../engine/target.ts';
import { readCopy, renderInstance } from './service-instance.ts';
import { createZookeeperClient, type ZookeeperOptions } from './zookeeper-client.ts';

/**
 * ZooKeeper as a target: nodes `{basePath}/{service}/{id}` in the layout of Curator's service discovery. A write depends on the
 * version of the node that was read, so another owner's node is never overwritten. Nodes are persistent: they stay when the
 * bridge ends.
 *
 * @throws DiscoveryError `InvalidOptions`
 *
 * @example
 * ```ts
 * const target = createZookeeperTarget({ servers: 'zk1.internal:2281,zk2.internal:2281', basePath: '/services' });
 * ```
 */
export function createZookeeperTarget(options: ZookeeperOptions): Target {
  return createEntryTarget(createZookeeperClient(options), { render: renderInstance, read: readCopy });
}

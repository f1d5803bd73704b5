import { readFile } from 'node:fs/promises';
import type { System, SystemContext } from '../system.ts';
import { createZookeeperSource } from './create-zookeeper-source.ts';
import { createZookeeperTarget } from './create-zookeeper-target.ts';
import type { ZookeeperOptions } from './zookeeper-client.ts';

/**
 * `zookeeper:zk.internal:2281` or, with a base path, `zookeeper:zk.internal:2281/services`. `ZOOKEEPER_AUTH` is user:password,
 * `ZOOKEEPER_CA`, `ZOOKEEPER_CERT` and `ZOOKEEPER_KEY` name PEM files, `ZOOKEEPER_PLAINTEXT=true` does without TLS.
 */
export const zookeeperSystem: System = {
  address: 'HOST:PORT[/PATH]',
  summary:
    'ZooKeeper, in the layout of Curator; {stage} in the path stands for the stage. ZOOKEEPER_AUTH authenticates.',
  createSource: async (address, context) => createZookeeperSource(await makeOptions(address, context)),
  createTarget: async (address, context) => createZookeeperTarget(await makeOptions(address, context)),
};

async function makeOptions(address: string, { env }: SystemContext): Promise<ZookeeperOptions> {
  const [, servers = '', basePath] = /^([^/]*)(\/.*)?$/s.exec(address) ?? [];
  const read = async (name: string) => (env[name] ? await readFile(env[name], 'utf8') : undefined);
  const [ca, cert, key] = [await read('ZOOKEEPER_CA'), await read('ZOOKEEPER_CERT'), await read('ZOOKEEPER_KEY')];
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    servers,
    basePath,
    ...(Object.keys(files).length > 0 && { tls: files }),
    allowPlaintext: env['ZOOKEEPER_PLAINTEXT'] === 'true',
    auth: env['ZOOKEEPER_AUTH'] || undefined,
  };
}

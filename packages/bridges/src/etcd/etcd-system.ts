import type { System, SystemContext } from '../system.ts';
import { createEtcdSource } from './create-etcd-source.ts';
import { createEtcdTarget } from './create-etcd-target.ts';
import type { EtcdOptions } from './etcd-client.ts';

/** `etcd:https://etcd.internal:2379` or, with a prefix, `etcd:https://etcd.internal:2379/services/`. Token: `ETCD_TOKEN`. */
export const etcdSystem: System = {
  address: 'URL[/PREFIX/]',
  summary: 'etcd, in the layout of its naming package; ETCD_TOKEN authenticates.',
  createSource: async (address, context) => createEtcdSource(makeOptions(address, context)),
  createTarget: async (address, context) => createEtcdTarget(makeOptions(address, context)),
};

function makeOptions(address: string, { fetch, env }: SystemContext): EtcdOptions {
  const [, url = address, prefix] = /^(https?:\/\/[^/]+)(\/.+)?$/.exec(address) ?? [];
  const token = env['ETCD_TOKEN'];
  return {
    url,
    fetch,
    ...(prefix && { prefix: prefix.endsWith('/') ? prefix : `${prefix}/` }),
    ...(token && { token }),
  };
}

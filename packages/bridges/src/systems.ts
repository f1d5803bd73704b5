import { DiscoveryError, type Source } from '@amplify-discovery/core';
import type { Target } from './engine/target.ts';
import { cloudMapSystem } from './cloud-map/cloud-map-system.ts';
import { consulSystem } from './consul/consul-system.ts';
import { dnsSystem } from './dns/dns-system.ts';
import { envoySystem } from './envoy/envoy-system.ts';
import { zoneFileSystem } from './dns/zone-file/zone-file-system.ts';
import { etcdSystem } from './etcd/etcd-system.ts';
import { eurekaSystem } from './eureka/eureka-system.ts';
import { prometheusSystem } from './prometheus/prometheus-system.ts';
import { route53System } from './route53/route53-system.ts';
import { kubernetesSystem } from './kubernetes/kubernetes-system.ts';
import { registrySystem } from './registry/registry-system.ts';
import { traefikSystem } from './traefik/traefik-system.ts';
import type { System, SystemContext, SystemFacade } from './system.ts';
import { zookeeperSystem } from './zookeeper/zookeeper-system.ts';

/** By the name before the colon. A new one needs a folder and a line here. */
export const systems: ReadonlyMap<string, System> = new Map<string, System>([
  ['registry', registrySystem],
  ['cloud-map', cloudMapSystem],
  ['consul', consulSystem],
  ['etcd', etcdSystem],
  ['dns', dnsSystem],
  ['zone-file', zoneFileSystem],
  ['route53', route53System],
  ['kubernetes', kubernetesSystem],
  ['envoy', envoySystem],
  ['traefik', traefikSystem],
  ['prometheus', prometheusSystem],
  ['zookeeper', zookeeperSystem],
  ['eureka', eurekaSystem],
]);

/**
 * The source that a reference names: `registry:https://…/graphql`.
 *
 * @throws DiscoveryError `InvalidOptions` for an unknown system, one that can't be read, or a bad address;
 * `CredentialsMissing`.
 */
export async function openSource(reference: string, context: SystemContext): Promise<Source> {
  const { name, system, address } = findSystem(reference);
  if (system.createSource) return system.createSource(address, context);
  throw new DiscoveryError('InvalidOptions', `${name} can't be read`);
}

/**
 * The target that a reference names.
 *
 * @throws DiscoveryError as `openSource`
 */
export async function openTarget(reference: string, context: SystemContext): Promise<Target> {
  const { name, system, address } = findSystem(reference);
  if (system.createTarget) return system.createTarget(address, context);
  throw new DiscoveryError('InvalidOptions', `${name} can't be written`);
}

/**
 * How the system's read API is answered.
 *
 * @throws DiscoveryError `InvalidOptions` for a name that has no facade, naming those that have.
 */
export function getFacade(name: string): SystemFacade {
  const facade = systems.get(name)?.facade;
  if (facade) return facade;
  const known = [...systems].flatMap(([one, { facade: has }]) => (has ? [one] : []));
  throw new DiscoveryError('InvalidOptions', `There is no facade "${name}": there are ${known.join(', ')}`);
}

function findSystem(reference: string): { readonly name: string; readonly system: System; readonly address: string } {
  const [, name = '', address = ''] = /^([a-z\d-]+):(.+)$/s.exec(reference) ?? [];
  const system = systems.get(name);
  if (system?.address !== undefined) return { name, system, address };
  const known = [...systems].flatMap(([one, { address: form }]) => (form === undefined ? [] : [`${one}:${form}`]));
  throw new DiscoveryError('InvalidOptions', `"${reference}" is none of ${known.join(', ')}`);
}

import type { Source } from '@amplify-discovery/core';
import { hashRecords } from '../engine/hash-records.ts';
import { markOrigin } from '../engine/mark-origin.ts';
import { readExposedEndpoint } from './exposed-endpoints.ts';
import { createKubernetesClient, type KubernetesKind, type KubernetesOptions } from './kubernetes-client.ts';

/** Where both expose one endpoint, while a team moves from one to the other, the later one has it. */
const kinds: readonly KubernetesKind[] = [
  { group: '/apis/networking.k8s.io/v1', plural: 'ingresses' },
  { group: '/apis/gateway.networking.k8s.io/v1', plural: 'httproutes', isOptional: true },
];

/**
 * A Kubernetes cluster as a source: the hosts of its Ingresses and HTTPRoutes that have the annotation
 * `amplify-discovery/service`. Their namespace is the stage, unless the options name one for all.
 *
 * Hosts of these records have no derived trust: list them.
 *
 * @example
 * ```ts
 * const url = 'https://10.0.0.1:6443';
 * const source = createKubernetesSource({ url, findToken: async () => process.env.KUBERNETES_TOKEN ?? '' });
 * const snapshot = await source.load({ stage: 'prod', signal: AbortSignal.timeout(5000) });
 * ```
 */
export function createKubernetesSource(options: KubernetesOptions): Source {
  const client = createKubernetesClient(options);
  return {
    name: client.name,
    async load({ stage, knownRevision, signal }) {
      const records = new Map<string, object>();
      for (const kind of kinds) {
        for (const object of await client.list(kind, { stage, signal })) {
          const record = readExposedEndpoint(stage, object);
          if (record)
            records.set(`${String(record['service'])} ${String(record['id'])}`, markOrigin(record, client.name));
        }
      }
      // A list's resourceVersion rises with every write in the cluster, so what was found is its own revision.
      const endpoints = [...records.values()];
      const revision = hashRecords(endpoints);
      return revision === knownRevision ? { unchanged: true, revision } : { revision, endpoints };
    },
  };
}

import { readFile } from 'node:fs/promises';
import { DiscoveryError } from '@amplify-discovery/core';
import type { System, SystemContext } from '../system.ts';
import { createKubernetesSource } from './create-kubernetes-source.ts';
import { createKubernetesTarget } from './create-kubernetes-target.ts';
import { fetchWithCa } from './fetch-with-ca.ts';
import type { KubernetesOptions } from './kubernetes-client.ts';

/** What a pod finds in its own file system. */
const inCluster = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * `kubernetes:https://10.0.0.1:6443`, or with one namespace for all stages `kubernetes:https://10.0.0.1:6443/shop`. Token:
 * `KUBERNETES_TOKEN`; certificate: `KUBERNETES_CA_FILE`; in a pod its service account's.
 */
export const kubernetesSystem: System = {
  address: 'URL[/NAMESPACE]',
  summary:
    'A Kubernetes cluster: reads Ingresses and HTTPRoutes, writes ConfigMaps; KUBERNETES_TOKEN, KUBERNETES_CA_FILE.',
  createSource: async (address, context) => createKubernetesSource(await makeOptions(address, context)),
  createTarget: async (address, context) => createKubernetesTarget(await makeOptions(address, context)),
};

async function makeOptions(address: string, { fetch, env }: SystemContext): Promise<KubernetesOptions> {
  const [, url = address, namespace] = /^(https?:\/\/[^/]+)\/([^/]+)\/?$/.exec(address) ?? [];
  const caFile = env['KUBERNETES_CA_FILE'];
  const ca = await readFile(caFile ?? `${inCluster}/ca.crt`, 'utf8').catch((error: unknown) => {
    if (caFile === undefined) return undefined;
    throw new DiscoveryError('InvalidOptions', `KUBERNETES_CA_FILE: "${caFile}" can't be read`, { cause: error });
  });
  return {
    url,
    ...(namespace && { namespace }),
    fetch: ca === undefined ? fetch : fetchWithCa(ca),
    findToken: async () => env['KUBERNETES_TOKEN'] || readToken(),
  };
}

async function readToken(): Promise<string> {
  try {
    return (await readFile(`${inCluster}/token`, 'utf8')).trim();
  } catch (error) {
    throw new DiscoveryError(
      'CredentialsMissing',
      'kubernetes: no token: set KUBERNETES_TOKEN (kubectl create token ACCOUNT), or run in a pod with a service account',
      { cause: error },
    );
  }
}

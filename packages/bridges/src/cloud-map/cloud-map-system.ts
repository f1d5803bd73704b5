import { DiscoveryError } from '@amplify-discovery/core';
import type { System, SystemContext } from '../system.ts';
import type { CloudMapOptions } from './cloud-map-client.ts';
import { createCloudMapSource } from './create-cloud-map-source.ts';
import { createCloudMapTarget } from './create-cloud-map-target.ts';

/** `cloud-map:internal` or `cloud-map:{stage}.internal`, with the AWS credentials and region of the program. */
export const cloudMapSystem: System = {
  address: 'NAMESPACE',
  summary: 'AWS Cloud Map; {stage} in the namespace stands for the stage.',
  createSource: async (namespace, context) => createCloudMapSource(await makeOptions(namespace, context)),
  createTarget: async (namespace, context) => createCloudMapTarget(await makeOptions(namespace, context)),
};

async function makeOptions(namespace: string, context: SystemContext): Promise<CloudMapOptions> {
  const { env, region, fetch, findCredentials } = context;
  if (region === undefined) throw new DiscoveryError('InvalidOptions', 'The region of Cloud Map is not known: name it');
  const endpoint = env['AWS_ENDPOINT_URL_SERVICEDISCOVERY'] ?? env['AWS_ENDPOINT_URL'];
  return { namespace, region, fetch, credentials: await findCredentials(), ...(endpoint && { endpoint }) };
}

import { checkSourceUrl, DiscoveryError, findAwsApi } from '@amplify-discovery/core';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import type { System, SystemContext } from '../system.ts';
import { createRegistryTarget } from './create-registry-target.ts';

/** `registry:https://abc.appsync-api.eu-west-1.amazonaws.com/graphql`, with IAM credentials. */
export const registrySystem: System = {
  address: 'URL',
  summary: 'Another registry, by its GraphQL endpoint, with IAM credentials.',
  createSource: async (url, context) =>
    registrySource({ transport: await connect(url, context), name: `registry:${url}` }),
  createTarget: async (url, context) =>
    createRegistryTarget({ transport: await connect(url, context), name: `registry:${url}` }),
};

async function connect(
  address: string,
  { fetch, region: given, findCredentials }: SystemContext,
): Promise<GraphqlTransport> {
  const { href, hostname } = checkSourceUrl(address, 'registry');
  const region = findAwsApi(hostname)?.region ?? given;
  if (region === undefined) throw new DiscoveryError('InvalidOptions', `The region of ${href} is not known: name it`);
  return sigv4Transport({ url: href, region, credentials: await findCredentials(), fetch });
}

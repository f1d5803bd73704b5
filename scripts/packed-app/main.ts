import { Amplify } from 'aws-amplify';
import { createDiscovery, discover, isDiscoveryError } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import { API } from 'amplify-discovery/v5';
import { API as graphqlApi, graphqlOperation } from 'amplify-discovery/v5/graphql';

/** An app as its developers would write it: typed service names, both call shapes, an instance of its own. */
declare module 'amplify-discovery' {
  interface DiscoveredServices {
    'user-management-service': true;
  }
}

const registry = { url: 'https://registry.example.com/graphql', auth: { mode: 'apiKey', apiKey: 'da2-key' } } as const;
const outputs = { version: '1', custom: { discovery: { registry, stage: 'Production' } } };

export async function listUsers(): Promise<unknown> {
  try {
    Amplify.configure(await discover(outputs));
    const { body } = await get({ apiName: 'user-management-service', path: '/users' }).response;
    return await body.json();
  } catch (error) {
    if (isDiscoveryError(error)) return error.recoverySuggestion;
    throw error;
  }
}

export async function listUsersOfPreview(): Promise<readonly unknown[]> {
  const discovery = createDiscovery({ registry, stage: ['pr-123', 'dev'], trustedHosts: ['*.example.com'] });
  const { body } = await get(discovery.context(), { apiName: 'user-management-service', path: '/users' }).response;
  return [await body.json(), await API.get('user-management-service', '/users')];
}

export const listOrders = (): Promise<unknown> => graphqlApi.graphql(graphqlOperation('{ orders { id } }'));

// @ts-expect-error: the declaration above names the services
export const unknownService = (): unknown => get({ apiName: 'nobody', path: '/' });

void listUsers().then((users) => document.body.append(JSON.stringify(users)));

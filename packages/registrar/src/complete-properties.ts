import { DiscoveryError } from '@amplify-discovery/core';
import type { GraphqlApi } from './find-graphql-api.ts';

export type FindGraphqlApi = (apiId: string, signal: AbortSignal) => Promise<GraphqlApi | undefined>;

/**
 * The properties with the URL of the GraphQL API that they name by id; as they are where they name none.
 *
 * @throws DiscoveryError `InvalidRecord` when there is no such API, `RegistryUnavailable` when AppSync can't be asked.
 */
export async function completeProperties(
  properties: Readonly<Record<string, unknown>>,
  find: FindGraphqlApi,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const { GraphqlApiId, ...rest } = properties;
  if (typeof GraphqlApiId !== 'string' || GraphqlApiId === '' || isGiven(rest.Target)) return properties;
  let api;
  try {
    api = await find(GraphqlApiId, signal);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : 'no answer';
    const message = `AppSync was asked for the API "${GraphqlApiId}": ${found}. The registrar needs appsync:GetGraphqlApi, or give Target`;
    throw new DiscoveryError('RegistryUnavailable', message, { cause });
  }
  if (!api) {
    const message = `GraphqlApiId "${GraphqlApiId}": this account and region have no such API. Give the id of one, or Target`;
    throw new DiscoveryError('InvalidRecord', message);
  }
  return { Kind: 'graphql', ...withoutEmpty(rest), Target: api.url };
}

function withoutEmpty(properties: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => isGiven(value)));
}

function isGiven(value: unknown): boolean {
  return value != null && value !== '';
}

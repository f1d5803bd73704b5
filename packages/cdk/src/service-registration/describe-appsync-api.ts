import type { AuthMode } from '@amplify-discovery/core';
import type { EventApi, GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { getRegion, type ApiDescription } from './api-description.ts';
import { findHost } from './find-host.ts';

/** Also of one that is imported: it has no URL, and the registrar looks it up by its id. */
export function describeGraphqlApi(api: GraphqlApi): ApiDescription {
  const common = {
    kind: 'graphql',
    region: getRegion(api),
    authMode: appsyncModes.get(api.modes?.[0] ?? ''),
  } as const;
  if (!api.graphqlUrl) return { ...common, graphqlApiId: api.apiId };
  return { ...common, target: api.graphqlUrl, host: findHost(api.graphqlUrl) };
}

export function describeEventApi(api: EventApi): ApiDescription {
  const host = api.httpDns;
  return { kind: 'events', target: `https://${host}/event`, host, region: getRegion(api) };
}

const appsyncModes: ReadonlyMap<string, AuthMode> = new Map([
  ['API_KEY', 'apiKey'],
  ['AWS_IAM', 'iam'],
  ['AMAZON_COGNITO_USER_POOLS', 'userPool'],
  ['OPENID_CONNECT', 'oidc'],
  ['AWS_LAMBDA', 'lambda'],
]);

import type { AuthMode } from '@amplify-discovery/core';
import type { Template, TemplateResource } from './template.ts';

/** The auth mode that all methods and routes of an API share, or undefined where they differ or have none of ours. */
export function findAuthMode({ Resources }: Template, apiId: string): AuthMode | undefined {
  const modes = new Set<AuthMode | undefined>();
  for (const { Type, Properties = {} } of Object.values(Resources)) {
    const isMethod =
      Type === 'AWS::ApiGateway::Method' &&
      refersTo(Properties['RestApiId'], apiId) &&
      Properties['HttpMethod'] !== 'OPTIONS';
    const isRoute = Type === 'AWS::ApiGatewayV2::Route' && refersTo(Properties['ApiId'], apiId);
    if (isMethod || isRoute) modes.add(readMode(Properties, Resources));
  }
  const [mode] = modes;
  return modes.size === 1 ? mode : undefined;
}

/** Whether a CloudFormation value is a reference to this resource. */
export function refersTo(value: unknown, id: string): boolean {
  return typeof value === 'object' && value !== null && (value as { Ref?: unknown }).Ref === id;
}

function readMode(
  properties: Readonly<Record<string, unknown>>,
  resources: Readonly<Record<string, TemplateResource>>,
): AuthMode | undefined {
  switch (properties['AuthorizationType'] ?? 'NONE') {
    case 'NONE':
      return properties['ApiKeyRequired'] === true ? 'apiKey' : 'none';
    case 'AWS_IAM':
      return 'iam';
    case 'COGNITO_USER_POOLS':
      return 'userPool';
    case 'CUSTOM':
      return 'lambda';
    case 'JWT':
      return isUserPool(properties['AuthorizerId'], resources) ? 'userPool' : 'oidc';
    default:
      return undefined;
  }
}

function isUserPool(authorizerId: unknown, resources: Readonly<Record<string, TemplateResource>>): boolean {
  const authorizer = Object.entries(resources).find(([id]) => refersTo(authorizerId, id))?.[1];
  const { Issuer } = (authorizer?.Properties?.['JwtConfiguration'] ?? {}) as { Issuer?: unknown };
  return JSON.stringify(Issuer ?? '').includes('cognito-idp');
}

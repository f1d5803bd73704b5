import { DiscoveryError } from '@amplify-discovery/core';
import type { AwsCredentials } from '@amplify-discovery/aws';
import { parseWriteScopes, type WriteScopes } from './write-scopes.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Configuration {
  /** The registry's GraphQL endpoint. */
  readonly registry: string;
  /** The region that requests to it are signed for. */
  readonly region: string;
  readonly scopes: WriteScopes;
  /** What Lambda holds for the function's role at the moment. */
  readonly credentials: () => Promise<AwsCredentials>;
}

/**
 * The function's configuration, from `REGISTRY_URL`, `REGISTRY_REGION` (without it Lambda's own region) and `SCOPES`.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the variable.
 */
export function readConfiguration(environment: Environment): Configuration {
  const registry = getVariable(environment, 'REGISTRY_URL', 'the GraphQL endpoint of the registry');
  const region =
    environment.REGISTRY_REGION ||
    getVariable(environment, 'AWS_REGION', 'or set REGISTRY_REGION: the region of the registry');
  if (!URL.canParse(registry)) throw new DiscoveryError('InvalidOptions', 'REGISTRY_URL of the registrar is no URL');
  return {
    registry,
    region,
    scopes: parseWriteScopes(environment.SCOPES),
    credentials: async () => readCredentials(environment),
  };
}

function readCredentials(environment: Environment): AwsCredentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = environment;
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, sessionToken: AWS_SESSION_TOKEN || undefined };
  throw new DiscoveryError(
    'CredentialsMissing',
    'The registrar has no credentials in its environment: give its function a role',
  );
}

function getVariable(environment: Environment, name: string, meaning: string): string {
  const value = environment[name];
  if (value) return value;
  throw new DiscoveryError(
    'InvalidOptions',
    `The registrar's function lacks the environment variable ${name}: set it to ${meaning}`,
  );
}

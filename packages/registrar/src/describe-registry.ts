import type { CloudFormationEvent, Outcome } from '@amplify-discovery/aws/custom-resource';
import { DiscoveryError } from '@amplify-discovery/core';
import { nameRegistryParameter, type RegistryParameter } from '@amplify-discovery/registry';
import type { ReadParameters } from './read-parameters.ts';

/** The resource that gives a stack of another account what the registry has published under its name. */
export const registryResourceType = 'Custom::ServiceRegistry';

export interface DescriptionOptions {
  /** The name that the registry publishes itself under. */
  readonly name: string | undefined;
  readonly region: string;
  readonly readParameters: ReadParameters;
  readonly signal: AbortSignal;
}

/** What the description has: attribute by parameter. The service token is not: whoever asks has one of its own. */
const attributes = {
  url: 'Url',
  apiArn: 'ApiArn',
  apiKey: 'ApiKey',
  snapshotUrl: 'SnapshotUrl',
  fullSnapshotUrl: 'FullSnapshotUrl',
  snapshotKeys: 'SnapshotKeys',
} as const satisfies Partial<Record<RegistryParameter, string>>;

/** The SSM parameters that the registrar of the registry reads. */
export function listDescriptionParameters(name: string): string[] {
  return Object.keys(attributes).map((parameter) => nameRegistryParameter(name, parameter as RegistryParameter));
}

/**
 * Answers with what the registry has published, and its region. Nothing is created, so a Delete does nothing.
 *
 * @throws DiscoveryError `InvalidOptions` for a registry without a name; `RegistryUnavailable` when SSM does not answer.
 */
export async function describeRegistry(event: CloudFormationEvent, options: DescriptionOptions): Promise<Outcome> {
  const { name, region, readParameters, signal } = options;
  const { PhysicalResourceId: before } = event;
  if (event.RequestType === 'Delete') return { status: 'SUCCESS', physicalResourceId: before ?? registryResourceType };
  if (name === undefined)
    throw new DiscoveryError(
      'InvalidOptions',
      'This registry publishes itself under no name: deploy it with one, or give its attributes',
    );
  const found = await readParameters(listDescriptionParameters(name), signal);
  const published = Object.entries(attributes).flatMap(([parameter, attribute]) => {
    const value = found[nameRegistryParameter(name, parameter as RegistryParameter)];
    return value === undefined ? [] : [[attribute, value] as const];
  });
  const data = { Region: region, ...Object.fromEntries(published) };
  return { status: 'SUCCESS', physicalResourceId: `discovery-registry:${name}`, data };
}

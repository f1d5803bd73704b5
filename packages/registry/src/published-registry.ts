const parameters = {
  url: 'url',
  apiArn: 'api-arn',
  serviceToken: 'service-token',
  apiKey: 'api-key',
  snapshotUrl: 'snapshot-url',
  fullSnapshotUrl: 'full-snapshot-url',
  snapshotKeys: 'snapshot-keys',
} as const;

/** What a registry publishes under its name. */
export type RegistryParameter = keyof typeof parameters;

/** The SSM parameter that holds the value: `/amplify-discovery/{name}/service-token`. */
export function nameRegistryParameter(name: string, parameter: RegistryParameter): string {
  return `/amplify-discovery/${name}/${parameters[parameter]}`;
}

/**
 * The names that a registry can publish itself under, as a pattern for CloudFormation too. They stand in the names of Lambda
 * functions and IAM roles, which have at most 64 characters and no dots.
 */
export const registryNamePattern = '[A-Za-z0-9_-]{1,28}';

export function isRegistryName(value: unknown): value is string {
  return typeof value === 'string' && new RegExp(`^${registryNamePattern}$`).test(value);
}

import type { AwsCredentials } from '@amplify-discovery/aws';
import { DiscoveryError } from '@amplify-discovery/core';
import type { CommandContext } from '../terminal/command-context.ts';

/** What a client of S3 is made of here. */
export interface BucketAccess {
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly endpoint: string | undefined;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * How to read a bucket: in the given region, else the registry's, else the environment's.
 *
 * @throws DiscoveryError `InvalidOptions` without a region, `CredentialsMissing`.
 */
export async function getBucketAccess(
  bucketRegion: string | undefined,
  registryRegion: string | undefined,
  { env, fetch, findCredentials }: CommandContext,
): Promise<BucketAccess> {
  const region = bucketRegion ?? registryRegion ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  if (region === undefined) throw new DiscoveryError('InvalidOptions', '--bucket-region is missing');
  const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  try {
    return { region, endpoint, fetch, credentials: await findCredentials() };
  } catch (cause) {
    throw new DiscoveryError(
      'CredentialsMissing',
      `Reading the bucket needs AWS credentials: ${(cause as Error).message}`,
      { cause },
    );
  }
}

import { DiscoveryError } from '@amplify-discovery/core';
import type { AwsCredentials } from '@amplify-discovery/aws';
import type { AwsProvider } from './serverless.ts';

/**
 * The AWS credentials that the framework deploys with, which each framework exposes differently.
 *
 * @throws DiscoveryError `CredentialsMissing`.
 */
export async function readCredentials(provider: AwsProvider): Promise<AwsCredentials> {
  try {
    const found = (await (provider.getAwsSdkV3CredentialsProvider?.()() ?? provider.getCredentials?.())) as Found;
    const credentials = found?.credentials ?? found;
    const resolved = typeof credentials === 'function' ? await credentials() : credentials;
    // Version 2 of the AWS SDK, in Serverless v3, fills its object in when it is asked to.
    await resolved?.getPromise?.();
    const { accessKeyId, secretAccessKey, sessionToken } = resolved ?? {};
    if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken };
  } catch (cause) {
    throw new DiscoveryError('CredentialsMissing', `No AWS credentials were found: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new DiscoveryError(
    'CredentialsMissing',
    'No AWS credentials were found: set up a profile or the environment variables that the deployment uses',
  );
}

type Values = Partial<AwsCredentials> & { getPromise?(): Promise<void> };
type Found = (Values & { credentials?: Values | (() => Promise<Values>) }) | undefined;

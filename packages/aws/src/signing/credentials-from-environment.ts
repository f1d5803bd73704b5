import { DiscoveryError } from '@amplify-discovery/core';
import type { AwsCredentials } from './aws-credentials.ts';

/**
 * The credentials that Lambda gives a function.
 *
 * @throws DiscoveryError `CredentialsMissing` when asked where there are none.
 */
export function credentialsFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): () => Promise<AwsCredentials> {
  return async () => {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = env;
    if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken };
    throw new DiscoveryError(
      'CredentialsMissing',
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: give the function a role, or pass credentials',
    );
  };
}

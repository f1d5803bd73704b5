import { isDiscoveryError } from '@amplify-discovery/core';
import { planPublicationKeys } from '@amplify-discovery/publisher';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkSigningKey } from './signing-key.ts';

/**
 * The keys that readers trust: the signing one first, each once.
 *
 * @throws DiscoveryError `InvalidOptions` for keys that can't sign, or too many.
 */
export function listTrustedKeys(
  scope: Construct,
  key: IKey | undefined,
  alsoTrusted: readonly IKey[],
): readonly IKey[] {
  if (!key && alsoTrusted.length > 0) refuseConstruct(scope, 'alsoTrusted: nothing is signed when signed is false');
  for (const trusted of alsoTrusted) checkSigningKey(scope, trusted, 'alsoTrusted');
  const byArn = new Map([...(key ? [key] : []), ...alsoTrusted].map((trusted) => [trusted.keyArn, trusted]));
  try {
    planPublicationKeys([...byArn.keys()], key && { keyId: key.keyArn });
  } catch (error) {
    if (!isDiscoveryError(error)) throw error;
    refuseConstruct(scope, `alsoTrusted: ${error.message}`, error);
  }
  return [...byArn.values()];
}

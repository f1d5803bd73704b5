import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkSigningKey } from './signing-key.ts';

/** As many as the answer to CloudFormation has room for. */
const maximumKeys = 5;

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
  if (byArn.size > maximumKeys)
    refuseConstruct(scope, `alsoTrusted: at most ${maximumKeys - 1} keys besides the one that signs`);
  return [...byArn.values()];
}

import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/**
 * The name of the bucket that has a registry's snapshots in another region. Both regions' stacks make it, so that neither has to be
 * told by the other.
 *
 * @throws DiscoveryError `InvalidOptions` for a registry without a name that a bucket can be named after.
 */
export function nameReplicaBucket(
  scope: IConstruct,
  { registryName, account, region }: { registryName: string | undefined; account: string; region: string },
): string {
  // With an account's twelve digits and a region of 14 letters that is the 63 characters that a bucket's name may have.
  if (registryName !== undefined && !Token.isUnresolved(registryName) && /^[a-z0-9][a-z0-9-]{0,24}$/.test(registryName))
    return `discovery-${registryName}-${account}-${region}`;
  return refuseConstruct(
    scope,
    'replicas: the registry needs a name of at most 25 of a-z 0-9 -, of which the name of the bucket in the other region is made',
  );
}

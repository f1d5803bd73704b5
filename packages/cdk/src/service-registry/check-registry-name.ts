import { isRegistryName } from '@amplify-discovery/registry';
import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/** @throws DiscoveryError `InvalidOptions` for a name that no registry can publish itself under, as far as it is known. */
export function checkRegistryName(scope: Construct, name: string): void {
  if (Token.isUnresolved(name) || isRegistryName(name)) return;
  refuseConstruct(scope, `name: "${name}" must be 1 to 28 of A-Z a-z 0-9 _ -`);
}

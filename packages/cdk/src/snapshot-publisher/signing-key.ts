import { CfnResource, type RemovalPolicy } from 'aws-cdk-lib';
import { Key, KeySpec, KeyUsage, type CfnKey, type IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/** A key that signs ES256. Its private half never leaves KMS. */
export function createSigningKey(scope: Construct, id: string, removalPolicy: RemovalPolicy): Key {
  return new Key(scope, id, {
    description: 'Signs snapshots of the service registry',
    keySpec: KeySpec.ECC_NIST_P256,
    keyUsage: KeyUsage.SIGN_VERIFY,
    removalPolicy,
  });
}

/** @throws DiscoveryError `InvalidOptions` for a key that can't sign ES256, as far as that is known. */
export function checkSigningKey(scope: Construct, key: IKey, option: 'key' | 'alsoTrusted' = 'key'): void {
  const resource = key.node.defaultChild;
  if (!CfnResource.isCfnResource(resource) || resource.cfnResourceType !== 'AWS::KMS::Key') return;
  const { keySpec = 'SYMMETRIC_DEFAULT', keyUsage = 'ENCRYPT_DECRYPT' } = resource as CfnKey;
  if (keySpec !== 'ECC_NIST_P256' || keyUsage !== 'SIGN_VERIFY')
    refuseConstruct(scope, `${option}: is ${keySpec} for ${keyUsage}, and has to be ECC_NIST_P256 for SIGN_VERIFY`);
}

import { CfnOutput } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { nameParameter } from '../service-registry/look-up-registry.ts';
import type { SnapshotPublisher } from './snapshot-publisher.ts';

/**
 * Where snapshots are and how they are verified, as outputs of the stack; what is public of it also beside what the registry
 * publishes under its name, for `fromLookup`. `trustedKeys` is JSON text, undefined where nothing is signed.
 */
export function tellSnapshots(
  publisher: SnapshotPublisher,
  registryName: string | undefined,
  trustedKeys: string | undefined,
): void {
  const { bucket, url, publicUrl, key } = publisher;
  const outputs = {
    BucketName: [bucket.bucketName, 'Bucket of the snapshots'],
    SnapshotUrl: [url, 'Full snapshots, for readers with IAM'],
    PublicSnapshotUrl: [publicUrl, 'Public snapshots'],
    KeyId: [key?.keyArn, 'KMS key that signs snapshots'],
    TrustedKeys: [trustedKeys, 'Public keys that snapshots are verified with'],
  } as const;
  for (const [name, [value, description]] of Object.entries(outputs)) {
    if (value !== undefined) new CfnOutput(publisher, name, { value, description });
  }
  if (registryName === undefined || publicUrl === undefined) return;
  const parameters = { snapshotUrl: publicUrl, snapshotKeys: trustedKeys } as const;
  for (const [parameter, stringValue] of Object.entries(parameters)) {
    if (stringValue === undefined) continue;
    const parameterName = nameParameter(registryName, parameter as keyof typeof parameters);
    new StringParameter(publisher, `Parameter-${parameter}`, { parameterName, stringValue });
  }
}

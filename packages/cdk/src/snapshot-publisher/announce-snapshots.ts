import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { publishParameter } from '../service-registry/publish-parameter.ts';

export interface SnapshotAnnouncement {
  readonly bucketName: string;
  /** Of the full snapshots. */
  readonly url: string;
  readonly publicUrl: string | undefined;
  /** Of the key that signs. */
  readonly keyArn: string | undefined;
  /** JSON text; undefined where nothing is signed. */
  readonly trustedKeys: string | undefined;
  readonly registryName: string | undefined;
}

/**
 * Where snapshots are and how they are verified, as outputs of the stack, and beside what the registry publishes under its
 * name, for `fromLookup` and other accounts.
 */
export function announceSnapshots(scope: Construct, announcement: SnapshotAnnouncement): void {
  const { bucketName, url, publicUrl, keyArn, trustedKeys, registryName } = announcement;
  const outputs = {
    BucketName: [bucketName, 'Bucket of the snapshots'],
    SnapshotUrl: [url, 'Full snapshots, for readers with IAM'],
    PublicSnapshotUrl: [publicUrl, 'Public snapshots'],
    KeyId: [keyArn, 'KMS key that signs snapshots'],
    TrustedKeys: [trustedKeys, 'Public keys that snapshots are verified with'],
  } as const;
  for (const [name, [value, description]] of Object.entries(outputs)) {
    if (value !== undefined) new CfnOutput(scope, name, { value, description });
  }
  if (registryName === undefined) return;
  publishParameter(scope, registryName, 'fullSnapshotUrl', url);
  if (publicUrl !== undefined) publishParameter(scope, registryName, 'snapshotUrl', publicUrl);
  if (trustedKeys !== undefined) publishParameter(scope, registryName, 'snapshotKeys', trustedKeys);
}

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeRule } from '../synthesis/acknowledge-rule.ts';

/** A private bucket that keeps versions: a stage's history, for `discovery history` and `rollback`. */
export function createSnapshotBucket(
  scope: Construct,
  id: string,
  options: { readonly removalPolicy: RemovalPolicy; readonly historyDays: number; readonly bucketName?: string },
): Bucket {
  const { removalPolicy, historyDays, bucketName } = options;
  const bucket = new Bucket(scope, id, {
    ...(bucketName !== undefined && { bucketName }),
    versioned: true,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    lifecycleRules: [
      {
        noncurrentVersionExpiration: Duration.days(historyDays),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy,
    // CloudFormation deletes no bucket that has objects, and the publisher may write until the end.
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
  });
  acknowledgeRule(bucket, 'S1', 'CloudTrail data events show who reads a snapshot, where that is wanted.');
  return bucket;
}

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeRule } from '../synthesis/acknowledge-rule.ts';

export interface AuditBucketOptions {
  readonly removalPolicy: RemovalPolicy;
  readonly retention: Duration;
  readonly lock: 'governance' | 'compliance' | undefined;
}

/**
 * A private bucket that is only appended to: its policy forbids to write over an object, and, unless it goes with its stack, to
 * delete one. What is older than the retention S3 removes itself, which no policy stops.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function createAuditBucket(
  scope: Construct,
  id: string,
  { removalPolicy, retention, lock }: AuditBucketOptions,
): Bucket {
  const isKept = removalPolicy === RemovalPolicy.RETAIN;
  const bucket = new Bucket(scope, id, {
    versioned: true,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    ...(lock && { objectLockEnabled: true, objectLockDefaultRetention: ObjectLockRetention[lock](retention) }),
    lifecycleRules: [
      {
        expiration: retention,
        noncurrentVersionExpiration: Duration.days(1),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy,
    // CloudFormation deletes no bucket that has objects.
    autoDeleteObjects: !isKept && !lock,
  });
  acknowledgeRule(bucket, 'S1', 'CloudTrail data events show who reads the log, where that is wanted.');
  const deny = (actions: readonly string[], conditions?: Record<string, unknown>) =>
    bucket.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: [...actions],
        resources: [bucket.arnForObjects('*')],
        ...(conditions && { conditions }),
      }),
    );
  deny(['s3:PutObject'], { Null: { 's3:if-none-match': 'true' } });
  if (isKept) deny(['s3:DeleteObject', 's3:DeleteObjectVersion']);
  // It forbids as long as the bucket is there.
  bucket.policy?.applyRemovalPolicy(removalPolicy);
  return bucket;
}

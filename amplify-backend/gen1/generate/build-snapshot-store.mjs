import { attribute, ref, sub } from './intrinsics.mjs';

/** The bucket of the snapshots, the key that signs them, and the queue of what could not be published. */
export function buildSnapshotStore() {
  const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
  return {
    Bucket: {
      Type: 'AWS::S3::Bucket',
      ...kept,
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [
            {
              Status: 'Enabled',
              NoncurrentVersionExpiration: { NoncurrentDays: 365 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
      },
    },
    BucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: ref('Bucket'),
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            deny('s3:*', bucketAndObjects, { Bool: { 'aws:SecureTransport': 'false' } }),
            deny('s3:*', bucketAndObjects, { NumericLessThan: { 's3:TlsVersion': 1.2 } }),
            {
              Effect: 'Allow',
              Principal: { Service: 'cloudfront.amazonaws.com' },
              Action: 's3:GetObject',
              // Not the whole bucket: the full snapshots are in there.
              Resource: sub('${Bucket.Arn}/*.public.json'),
              Condition: {
                StringEquals: {
                  'AWS:SourceArn': sub(
                    'arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}',
                  ),
                },
              },
            },
          ],
        },
      },
    },
    Key: {
      Type: 'AWS::KMS::Key',
      ...kept,
      Properties: {
        Description: 'Signs snapshots of the service registry',
        KeySpec: 'ECC_NIST_P256',
        KeyUsage: 'SIGN_VERIFY',
        KeyPolicy: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: sub('arn:${AWS::Partition}:iam::${AWS::AccountId}:root') },
              Action: 'kms:*',
              Resource: '*',
            },
          ],
        },
      },
    },
    Failures: {
      Type: 'AWS::SQS::Queue',
      Properties: { MessageRetentionPeriod: 14 * 24 * 60 * 60, SqsManagedSseEnabled: true },
    },
    FailuresPolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref('Failures')],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [deny('sqs:*', attribute('Failures', 'Arn'), { Bool: { 'aws:SecureTransport': 'false' } })],
        },
      },
    },
  };
}

const bucketAndObjects = [attribute('Bucket', 'Arn'), sub('${Bucket.Arn}/*')];

function deny(Action, Resource, Condition) {
  return { Effect: 'Deny', Principal: { AWS: '*' }, Action, Resource, Condition };
}

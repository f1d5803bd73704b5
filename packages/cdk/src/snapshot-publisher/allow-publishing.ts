import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { allow } from '../synthesis/discovery-function.ts';
import { allowStream, type TableStream } from '../synthesis/table-stream.ts';

/** Where a replica of the snapshots is, by names alone: another region's stack deploys it. */
export interface ReplicaBucket {
  readonly region: string;
  readonly bucketName: string;
  readonly bucketArn: string;
}

export interface PublishingOptions {
  readonly apiArn: string;
  readonly table: TableStream;
  readonly bucket: IBucket | Bucket;
  /** The ARN patterns of the objects that are written. */
  readonly objects: readonly string[];
  readonly replicas: readonly ReplicaBucket[];
  readonly prefix: string;
  /** The key that signs. */
  readonly key: IKey | undefined;
  /** Those whose public half readers get. */
  readonly trustedKeys: readonly IKey[];
  readonly failures: IQueue;
}

/** What the publisher may do: read the registry and its table's stream, write the objects, sign, notify, report what failed. */
export function allowPublishing(options: PublishingOptions): PolicyStatement[] {
  const { apiArn, table, bucket, objects, replicas, prefix, key, trustedKeys, failures } = options;
  const statements = [
    allow(
      ['appsync:GraphQL'],
      ...['Query/fields/snapshot', 'Query/fields/stages', 'Mutation/fields/announceStage'].map(
        (field) => `${apiArn}/types/${field}`,
      ),
    ),
    ...allowStream(table),
    allow(['s3:GetObject', 's3:PutObject'], ...objects),
    // Without it S3 says "denied" of an object that isn't there yet.
    allow(['s3:ListBucket'], bucket.bucketArn),
    allow(['sqs:SendMessage'], failures.queueArn),
  ];
  for (const { bucketArn } of replicas) {
    statements.push(allow(['s3:GetObject', 's3:PutObject'], `${bucketArn}/${prefix}*.json`));
    statements.push(allow(['s3:ListBucket'], bucketArn));
  }
  if (key) statements.push(allow(['kms:Sign'], key.keyArn));
  if (trustedKeys.length > 0) statements.push(allow(['kms:GetPublicKey'], ...trustedKeys.map(({ keyArn }) => keyArn)));
  if (bucket.encryptionKey) statements.push(allow(['kms:Decrypt', 'kms:GenerateDataKey'], bucket.encryptionKey.keyArn));
  return statements;
}

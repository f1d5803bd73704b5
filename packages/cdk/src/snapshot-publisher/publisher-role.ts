import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledgeRule } from '../synthesis/acknowledge-rule.ts';
import { acknowledgeWildcard } from '../synthesis/acknowledge-wildcard.ts';

export interface PublisherRoleOptions {
  readonly apiArn: string;
  readonly table: Table;
  readonly bucket: IBucket | Bucket;
  readonly pattern: string;
  /** The key that signs. */
  readonly key: IKey | undefined;
  /** Those whose public half readers are told. */
  readonly trustedKeys: readonly IKey[];
  readonly failures: IQueue;
  readonly logGroup: ILogGroup;
  readonly tracing: boolean;
}

/** What the publisher may do: read the registry and its table's stream, write the objects, sign, tell what failed. */
export function createPublisherRole(scope: Construct, id: string, options: PublisherRoleOptions): Role {
  const { apiArn, table, bucket, pattern, key, trustedKeys, failures, logGroup, tracing } = options;
  const streams = `${table.tableArn}/stream/*`;
  const objects = bucket.arnForObjects(pattern);
  const allow = (actions: string[], ...resources: string[]) => new PolicyStatement({ actions, resources });
  const statements = [
    allow(['appsync:GraphQL'], ...['snapshot', 'stages'].map((field) => `${apiArn}/types/Query/fields/${field}`)),
    allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      table.tableStreamArn as string,
    ),
    allow(['dynamodb:ListStreams'], streams),
    allow(['s3:GetObject', 's3:PutObject'], objects),
    // Without it S3 says "denied" of an object that isn't there yet.
    allow(['s3:ListBucket'], bucket.bucketArn),
    allow(['sqs:SendMessage'], failures.queueArn),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
  ];
  if (key) statements.push(allow(['kms:Sign'], key.keyArn));
  if (trustedKeys.length > 0) statements.push(allow(['kms:GetPublicKey'], ...trustedKeys.map(({ keyArn }) => keyArn)));
  if (bucket.encryptionKey) statements.push(allow(['kms:Decrypt', 'kms:GenerateDataKey'], bucket.encryptionKey.keyArn));
  if (tracing) statements.push(allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'));
  const role = new Role(scope, id, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { publisher: new PolicyDocument({ statements }) },
  });
  acknowledgeWildcard(role, streams, 'ListStreams is granted on all streams that the table has had, and on no other.');
  acknowledgeWildcard(role, objects, 'Each stage has objects of its own, and stages come and go.');
  if (tracing) acknowledgeRule(role, 'IAM5[Resource::*]', 'The X-Ray actions know no resources.');
  return role;
}

import { readAuditSettings } from '@amplify-discovery/publisher/audit';
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, StartingPosition, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { findPublisherBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { acknowledgeWildcard } from '../synthesis/acknowledge-wildcard.ts';
import { checkSettings } from '../synthesis/check-settings.ts';
import { allow, createDiscoveryFunction } from '../synthesis/discovery-function.ts';
import { createFailureQueue } from '../synthesis/failure-queue.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { acknowledgeStream, allowStream, exceptHeads } from '../synthesis/table-stream.ts';
import { createAuditBucket } from './audit-bucket.ts';
import type { AuditLogProps } from './audit-log-props.ts';

/**
 * Logs every change of a registry in S3: who registered, removed, overrode or froze what, with the values before and after.
 * `discovery audit` reads it. The bucket stays when the stack is deleted.
 *
 * @example
 * ```ts
 * const log = new AuditLog(stack, 'AuditLog', { registry, lock: 'governance' });
 * log.grantRead(role);
 * ```
 */
export class AuditLog extends Construct {
  readonly bucket: IBucket;
  readonly function: LambdaFunction;
  /** Where batches end that could not be written: shard and positions, by which the stream still has them for a day. */
  readonly failures: Queue;

  readonly #objects: string;

  constructor(scope: Construct, id: string, props: AuditLogProps) {
    super(scope, id);
    const {
      registry,
      prefix = '',
      removalPolicy = RemovalPolicy.RETAIN,
      lock,
      maxRecordAge = Duration.hours(12),
    } = props;
    const { tableArn, tableStreamArn } = registry.table ?? {};
    if (tableArn === undefined || tableStreamArn === undefined)
      refuseConstruct(this, 'registry: join it with its table, whose stream says what changes');
    const retention = props.retention ?? Duration.days(400);
    if (props.bucket && (props.retention ?? lock) !== undefined)
      refuseConstruct(this, 'bucket: retention and lock are those of a new bucket; set them on the one that is given');
    if (retention.toDays() < 1) refuseConstruct(this, 'retention: it must be a day or more');
    const bucket = props.bucket ?? createAuditBucket(this, 'Bucket', { removalPolicy, retention, lock });
    this.bucket = bucket as IBucket;
    this.failures = createFailureQueue(this, 'Failures');
    this.#objects = this.bucket.arnForObjects(`${prefix}*`);
    const settings = {
      DISCOVERY_AUDIT_BUCKET: bucket.bucketName,
      ...(prefix && { DISCOVERY_AUDIT_PREFIX: prefix }),
    };
    checkSettings(this, {
      settings,
      read: (env) => readAuditSettings({ AWS_REGION: 'eu-west-1', ...env }),
      options: { DISCOVERY_AUDIT_PREFIX: 'prefix' },
    });

    const { encryptionKey } = bucket;
    const { function: created, role } = createDiscoveryFunction(this, {
      runtime: props.runtime,
      logRetention: props.logRetention,
      tracing: props.tracing,
      description: 'Logs the changes of the service registry',
      bundle: findPublisherBundle(),
      handler: 'audit.handler',
      memorySize: 256,
      timeout: Duration.minutes(1),
      environment: settings,
      statements: [
        ...allowStream({ tableArn, tableStreamArn }),
        allow(['s3:PutObject'], this.#objects),
        allow(['sqs:SendMessage'], this.failures.queueArn),
        ...(encryptionKey ? [allow(['kms:Decrypt', 'kms:GenerateDataKey'], encryptionKey.keyArn)] : []),
      ],
      policyName: 'audit-log',
    });
    this.function = created;
    acknowledgeStream(role, { tableArn, tableStreamArn });
    acknowledgeWildcard(role, this.#objects, 'Each change has an object of its own.');
    this.#listen(tableStreamArn, props, maxRecordAge);
    new CfnOutput(this, 'AuditBucket', {
      value: bucket.bucketName,
      description: 'The log of changes of the service registry, for discovery audit',
    });
  }

  /** Lets the grantee read the log. */
  grantRead(grantee: IGrantable): Grant {
    const { encryptionKey } = this.bucket;
    const grants = [
      Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [this.#objects] }),
      Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [this.bucket.bucketArn] }),
      ...(encryptionKey ? [encryptionKey.grantDecrypt(grantee)] : []),
    ];
    return grants.reduce((all, grant) => all.combine(grant));
  }

  /** The table's stream, from its oldest change on, so that none is missed. */
  #listen(streamArn: string, { registry }: AuditLogProps, maxRecordAge: Duration): void {
    const { failures } = this;
    const stream = new EventSourceMapping(this, 'Stream', {
      target: this.function,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(5),
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      maxRecordAge,
      onFailure: { bind: () => ({ destination: failures.queueArn }) },
      filters: [exceptHeads],
    });
    // Lambda refuses it while the role's permissions are on their way. When the API is there, they have arrived.
    if (registry.api) stream.node.addDependency(registry.api);
  }
}

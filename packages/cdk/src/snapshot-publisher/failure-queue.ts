import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledgeRule } from '../synthesis/acknowledge-rule.ts';

/** Where the stream's batches end that could not be published. */
export function createFailureQueue(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledgeRule(queue, 'SQS3', 'It is a dead-letter queue itself.');
  return queue;
}

import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DiscoveryErrorCode } from '@amplify-discovery/core';
import type { AuditStore } from '@amplify-discovery/registry/audit';
import { callAws, readFailure, type AwsFailure } from '../sdk/call-aws.ts';
import { planClientSettings, type ClientOptions } from '../sdk/plan-client-settings.ts';

export interface S3AuditStoreOptions extends ClientOptions {
  readonly bucket: string;
  /** Before every key: `discovery/`. @default none */
  readonly prefix?: string | undefined;
}

/**
 * The log of changes in an S3 bucket, an object for each entry, written with `If-None-Match` so that none is ever replaced.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * Its errors are `BucketDenied` for 401 and 403, else `BucketUnavailable`.
 */
export function createS3AuditStore(options: S3AuditStoreOptions): AuditStore {
  const { bucket, prefix = '', endpoint, fetch } = options;
  const client = new S3Client({
    ...planClientSettings(options),
    forcePathStyle: endpoint !== undefined,
    // What fetch has decompressed no longer has the checksum of what was stored.
    ...(fetch && { responseChecksumValidation: 'WHEN_REQUIRED' as const }),
  });
  const call = <T>(what: string, operation: () => Promise<T>) => callAws(`${what} s3://${bucket}`, findCode, operation);

  return {
    put: (key, text) =>
      call(`Writing ${prefix}${key} to`, async () => {
        try {
          const ContentType = 'application/json';
          const Key = `${prefix}${key}`;
          await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: text, ContentType, IfNoneMatch: '*' }));
          return 'written';
        } catch (error) {
          if (readFailure(error).name === 'PreconditionFailed') return 'present';
          throw error;
        }
      }),
    async *list({ from, until }) {
      let token: string | undefined;
      for (;;) {
        const command = new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          // No key is a moment's first one, so none is left out by beginning behind it.
          StartAfter: `${prefix}${from}`,
          ContinuationToken: token,
        });
        const { Contents = [], NextContinuationToken } = await call('Listing', () => client.send(command));
        const keys = Contents.map(({ Key = '' }) => Key.slice(prefix.length));
        const wanted = keys.filter((key) => key < until);
        if (wanted.length > 0) yield wanted;
        token = NextContinuationToken;
        if (token === undefined || wanted.length < keys.length) return;
      }
    },
    get: (key) =>
      call(`Reading ${prefix}${key} from`, async () => {
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: `${prefix}${key}` }));
          return (await Body?.transformToString()) ?? '';
        } catch (error) {
          if (readFailure(error).name === 'NoSuchKey') return undefined;
          throw error;
        }
      }),
  };
}

function findCode({ status }: AwsFailure): DiscoveryErrorCode {
  return status === 401 || status === 403 ? 'BucketDenied' : 'BucketUnavailable';
}

import { createWriterError } from '@amplify-discovery/core';
import { planClient, type AwsAccess } from './plan-client.ts';

/** S3 as far as the verification needs it. */
export interface Buckets {
  create(bucket: string): Promise<void>;
  put(bucket: string, key: string, body: Uint8Array | string): Promise<void>;
  /** Removes every version of every object. A bucket that is not there is empty. */
  empty(bucket: string): Promise<void>;
  /** Removes an empty bucket; one that is not there is fine. */
  remove(bucket: string): Promise<void>;
  exists(bucket: string): Promise<boolean>;
}

/** @throws DiscoveryError `BucketUnavailable` from each operation. */
export async function openBuckets(options: AwsAccess): Promise<Buckets> {
  const sdk = await import('@aws-sdk/client-s3');
  const { region, endpoint } = options;
  const client = new sdk.S3Client({ ...planClient(options), forcePathStyle: endpoint !== undefined });

  async function call<T>(what: string, operation: () => Promise<T>): Promise<T | undefined> {
    try {
      return await operation();
    } catch (cause) {
      const { name, message, $metadata } = cause as Error & { $metadata?: { httpStatusCode?: number } };
      if (['NoSuchBucket', 'NotFound'].includes(name) || $metadata?.httpStatusCode === 404) return undefined;
      throw createWriterError('BucketUnavailable', `${what}: ${message}`, { cause });
    }
  }

  return {
    async create(bucket) {
      const location =
        region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as never } };
      await call(`Creating the bucket ${bucket}`, () =>
        client.send(new sdk.CreateBucketCommand({ Bucket: bucket, ...location })),
      );
    },
    async put(bucket, key, body) {
      await call(`Writing s3://${bucket}/${key}`, () =>
        client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: body })),
      );
    },
    async empty(bucket) {
      for (;;) {
        const page = await call(`Listing ${bucket}`, () =>
          client.send(new sdk.ListObjectVersionsCommand({ Bucket: bucket })),
        );
        const found = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])];
        if (found.length === 0) return;
        const Objects = found.map(({ Key, VersionId }) => ({ Key, VersionId }));
        await call(`Emptying ${bucket}`, () =>
          client.send(new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })),
        );
      }
    },
    async remove(bucket) {
      await call(`Removing the bucket ${bucket}`, () => client.send(new sdk.DeleteBucketCommand({ Bucket: bucket })));
    },
    async exists(bucket) {
      return (await call(bucket, () => client.send(new sdk.HeadBucketCommand({ Bucket: bucket })))) !== undefined;
    },
  };
}

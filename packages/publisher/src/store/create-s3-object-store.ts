import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DiscoveryError, type DiscoveryErrorCode } from '@amplify-discovery/core';
import { callAws, readFailure, type AwsFailure } from '../sdk/call-aws.ts';
import { planClientSettings, type ClientOptions } from '../sdk/plan-client-settings.ts';
import type { ObjectStore } from './object-store.ts';

export interface S3ObjectStoreOptions extends ClientOptions {
  readonly bucket: string;
  /** @default a CDN keeps it for 30 seconds, and a week longer while S3 fails; browsers ask each time */
  readonly cacheControl?: string | undefined;
  /** @default 'application/vnd.amplify-discovery.snapshot' */
  readonly contentType?: string | undefined;
}

/** An object as it was at one time. */
export interface ObjectVersion {
  readonly versionId: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
  readonly isLatest: boolean;
}

export interface S3ObjectStore extends ObjectStore {
  /**
   * The object as it was at one time.
   *
   * @throws DiscoveryError `InvalidOptions` when there is no such version.
   */
  getVersion(key: string, versionId: string): Promise<Uint8Array>;
  /** Newest first, at most the last 1,000. Empty unless the bucket keeps versions. */
  listVersions(key: string): Promise<readonly ObjectVersion[]>;
}

/**
 * Objects in an S3 bucket, brotli compressed, written with `If-Match` and `If-None-Match`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * Its errors are `BucketDenied` for 401 and 403, else `BucketUnavailable`.
 */
export function createS3ObjectStore(options: S3ObjectStoreOptions): S3ObjectStore {
  const { bucket, endpoint, fetch } = options;
  const { contentType = 'application/vnd.amplify-discovery.snapshot' } = options;
  const { cacheControl = 'max-age=0, s-maxage=30, stale-if-error=604800' } = options;
  const client = new S3Client({
    ...planClientSettings(options),
    forcePathStyle: endpoint !== undefined,
    // What fetch has decompressed no longer has the checksum of what was stored.
    ...(fetch && { responseChecksumValidation: 'WHEN_REQUIRED' }),
  });
  const call = <T>(what: string, operation: () => Promise<T>) => callAws(`${what} s3://${bucket}`, findCode, operation);

  /** The object; undefined when S3 says that it isn't there in one of these words. */
  async function find(Key: string, VersionId: string | undefined, missing: readonly string[]) {
    return call(`Reading ${Key} from`, async () => {
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId }));
        const stored = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        const bytes = answer.ContentEncoding === 'br' ? await decompress(stored) : stored;
        return { bytes, etag: answer.ETag ?? '' };
      } catch (error) {
        if (missing.includes(readFailure(error).name)) return undefined;
        throw error;
      }
    });
  }

  return {
    get: (key) => find(key, undefined, ['NoSuchKey']),
    async getVersion(key, versionId) {
      // InvalidArgument: S3 gives no version such an id.
      const object = await find(key, versionId, ['NoSuchVersion', 'NoSuchKey', 'InvalidArgument']);
      if (object) return object.bytes;
      throw new DiscoveryError('InvalidOptions', `There is no version ${versionId} of ${key} in s3://${bucket}`);
    },
    async put(key, bytes, ifMatch, ownContentType = contentType) {
      const Body = await compress(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      });
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body,
        ContentType: ownContentType,
        ContentEncoding: 'br',
        CacheControl: cacheControl,
        ...(ifMatch === undefined ? { IfNoneMatch: '*' } : { IfMatch: ifMatch }),
      });
      return call(`Writing ${key} to`, async () => {
        try {
          await client.send(command);
          return 'written';
        } catch (error) {
          if (conflicts.includes(readFailure(error).name)) return 'conflict';
          throw error;
        }
      });
    },
    async listVersions(key) {
      const command = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key });
      const { Versions = [] } = await call(`Listing versions of ${key} in`, () => client.send(command));
      return Versions.filter((version) => version.Key === key)
        .map(({ VersionId = '', LastModified, IsLatest = false }) => ({
          versionId: VersionId,
          writtenAt: LastModified?.getTime() ?? 0,
          isLatest: IsLatest,
        }))
        .sort((left, right) => right.writtenAt - left.writtenAt);
    },
  };
}

/** Someone else wrote first; deleted since it was read; another conditional write is under way. */
const conflicts = ['PreconditionFailed', 'NoSuchKey', 'ConditionalRequestConflict'];

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

function findCode({ status }: AwsFailure): DiscoveryErrorCode {
  return status === 401 || status === 403 ? 'BucketDenied' : 'BucketUnavailable';
}

import { brotliCompressSync, constants } from 'node:zlib';
import { DiscoveryError } from '@amplify-discovery/core';
import type { AwsCredentials } from '@amplify-discovery/aws';
import { findAwsDomain } from '@amplify-discovery/aws';
import type { ObjectStore } from './object-store.ts';
import { signingFetch } from '@amplify-discovery/aws';

export interface S3ObjectStoreOptions {
  readonly bucket: string;
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentials>;
  /** Another S3, addressed by path: `http://127.0.0.1:9000`. @default AWS's */
  readonly endpoint?: string | undefined;
  /** @default a CDN keeps it for 30 seconds, and a week longer while S3 fails; browsers ask each time */
  readonly cacheControl?: string | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** An object as it was at one time. */
export interface ObjectVersion {
  readonly versionId: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
  readonly isLatest: boolean;
}

export interface S3ObjectStore extends ObjectStore {
  /** The object as it was at one time. */
  getVersion(key: string, versionId: string): Promise<Uint8Array>;
  /** Newest first, at most the last 1,000. Empty unless the bucket keeps versions. */
  listVersions(key: string): Promise<readonly ObjectVersion[]>;
}

/**
 * Objects in an S3 bucket, brotli compressed, written with `If-Match` and `If-None-Match`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function s3ObjectStore(options: S3ObjectStoreOptions): S3ObjectStore {
  const { bucket, region, credentials, endpoint, fetch } = options;
  const { cacheControl = 'max-age=0, s-maxage=30, stale-if-error=604800' } = options;
  const signed = signingFetch({ service: 's3', region, credentials, fetch });
  // A name with dots doesn't match the certificate of *.s3.….
  const base =
    endpoint === undefined && !bucket.includes('.')
      ? `https://${bucket}.s3.${findAwsDomain(region)}`
      : `${endpoint ?? `https://s3.${findAwsDomain(region)}`}/${bucket}`;
  const urlOf = (key: string, query = '') => `${base}/${key.split('/').map(encodeURIComponent).join('/')}${query}`;

  async function refuse(response: Response, what: string): Promise<never> {
    const code = /<Code>(\w+)</.exec(await response.text())?.[1] ?? '';
    const denied = response.status === 401 || response.status === 403;
    throw new DiscoveryError(
      denied ? 'RegistryDenied' : 'RegistryUnavailable',
      `${what} s3://${bucket}: HTTP ${response.status} ${code}`,
    );
  }

  async function read(key: string, query?: string) {
    const response = await signed(urlOf(key, query));
    if (response.status === 404) return undefined;
    if (response.status !== 200) return refuse(response, `Reading ${key} from`);
    return { bytes: new Uint8Array(await response.arrayBuffer()), etag: response.headers.get('etag') ?? '' };
  }

  return {
    get: (key) => read(key),
    async getVersion(key, versionId) {
      const object = await read(key, `?versionId=${encodeURIComponent(versionId)}`);
      if (!object)
        throw new DiscoveryError('RegistryUnavailable', `There is no version ${versionId} of ${key} in s3://${bucket}`);
      return object.bytes;
    },
    async put(key, bytes, ifMatch) {
      const body = new Uint8Array(
        brotliCompressSync(bytes, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
        }),
      );
      const condition = ifMatch === undefined ? { 'if-none-match': '*' } : { 'if-match': ifMatch };
      const headers = {
        'content-type': 'application/vnd.amplify-discovery.snapshot',
        'content-encoding': 'br',
        'cache-control': cacheControl,
        ...condition,
      };
      const response = await signed(urlOf(key), { method: 'PUT', body, headers });
      // 404: deleted since it was read. 409: another conditional write was under way.
      if ([404, 409, 412].includes(response.status)) {
        await response.body?.cancel();
        return 'conflict';
      }
      if (!response.ok) return refuse(response, `Writing ${key} to`);
      await response.body?.cancel();
      return 'written';
    },
    async listVersions(key) {
      const response = await signed(`${base}/?versions&prefix=${encodeURIComponent(key)}`);
      if (!response.ok) return refuse(response, `Listing versions of ${key} in`);
      const versions = (await response.text()).matchAll(/<Version>(.*?)<\/Version>/gs);
      return [...versions]
        .map(([, xml = '']) => ({
          key: valueOf(xml, 'Key'),
          versionId: valueOf(xml, 'VersionId'),
          writtenAt: Date.parse(valueOf(xml, 'LastModified')),
          isLatest: valueOf(xml, 'IsLatest') === 'true',
        }))
        .filter((version) => version.key === key)
        .map(({ versionId, writtenAt, isLatest }) => ({ versionId, writtenAt, isLatest }))
        .sort((left, right) => right.writtenAt - left.writtenAt);
    },
  };
}

/** Keys are `[A-Za-z0-9._/-]`, so that nothing has to be unescaped. */
function valueOf(xml: string, tag: string): string {
  return new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1] ?? '';
}

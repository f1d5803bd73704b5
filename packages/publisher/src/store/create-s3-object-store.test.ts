import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { createS3ObjectStore, type S3ObjectStore } from './create-s3-object-store.ts';

const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' });
const bytes = new TextEncoder().encode('{"stage":"dev"} ü '.repeat(100));

describe.each([
  ['as the AWS SDK sends requests', undefined],
  ['by a given fetch', globalThis.fetch],
])('a bucket, %s', (_, given) => {
  let s3: TinyS3;
  let store: S3ObjectStore;
  const sent: string[] = [];
  const fetch: typeof globalThis.fetch | undefined =
    given &&
    ((url, init) => {
      sent.push(String(url));
      return given(url, init);
    });
  beforeEach(async () => {
    s3 = await startTinyS3();
    store = createS3ObjectStore({ bucket: 'b', region: 'eu-west-1', endpoint: s3.url, credentials, fetch });
  });
  afterEach(() => s3.stop());

  test('keeps objects compressed and gives them back as they were', async () => {
    await expect(store.get('live/dev.json')).resolves.toBeUndefined();
    await expect(store.put('live/dev.json', bytes, undefined)).resolves.toBe('written');
    await expect(store.get('live/dev.json')).resolves.toMatchObject({ bytes, etag: expect.stringMatching(/^"/) });
    const [version] = s3.versionsOf('/b/live/dev.json');
    expect(version?.headers).toMatchObject({
      'content-encoding': 'br',
      'cache-control': expect.stringContaining('s-maxage'),
    });
    expect(version?.bytes.length).toBeLessThan(bytes.length / 4);
    expect(sent.length > 0).toBe(fetch !== undefined);
  });

  test('writes only over what was read', async () => {
    await store.put('dev.json', bytes, undefined);
    const first = (await store.get('dev.json'))?.etag as string;
    await expect(store.put('dev.json', bytes, undefined)).resolves.toBe('conflict');
    await expect(store.put('dev.json', new Uint8Array([1]), first)).resolves.toBe('written');
    await expect(store.put('dev.json', bytes, first)).resolves.toBe('conflict');
    // Deleted since it was read.
    await expect(store.put('gone.json', bytes, first)).resolves.toBe('conflict');
  });

  test('lists versions of one key, newest first, and reads each', async () => {
    await store.put('dev.json', bytes, undefined);
    const { etag } = (await store.get('dev.json')) ?? {};
    await store.put('dev.json', new Uint8Array([1]), etag);
    await store.put('dev.json.other', bytes, undefined);
    const versions = await store.listVersions('dev.json');
    expect(versions.map(({ isLatest }) => isLatest)).toEqual([true, false]);
    await expect(store.getVersion('dev.json', versions[1]?.versionId as string)).resolves.toEqual(bytes);
    await expect(store.listVersions('none.json')).resolves.toEqual([]);
    await expect(store.getVersion('dev.json', 'v99')).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: 'There is no version v99 of dev.json in s3://b',
    });
  });

  test.each([
    [403, 'AccessDenied', 'BucketDenied'],
    [404, 'NoSuchBucket', 'BucketUnavailable'],
    [500, 'InternalError', 'BucketUnavailable'],
  ])('HTTP %d %s is %s, with what was asked', async (status, name, code) => {
    s3.failWith(status);
    const message = expect.stringMatching(new RegExp(`s3://b: HTTP ${status} ${name}$`));
    await expect(store.get('dev.json')).rejects.toMatchObject({ code, message });
    await expect(store.put('dev.json', bytes, undefined)).rejects.toMatchObject({ code, message });
    await expect(store.listVersions('dev.json')).rejects.toMatchObject({ code, message });
  });

  test('a server that is not there is BucketUnavailable', async () => {
    await s3.stop();
    await expect(store.get('dev.json')).rejects.toMatchObject({
      code: 'BucketUnavailable',
      message: expect.stringMatching(/^Reading dev\.json from s3:\/\/b: .*ECONNREFUSED/),
    });
  });

  test.each([-1, 1])('a clock that is %d hour away from AWS’s is corrected', async (hours) => {
    s3.setClockAhead(hours * 3_600_000);
    await expect(store.put('dev.json', bytes, undefined)).resolves.toBe('written');
    await expect(store.get('dev.json')).resolves.toMatchObject({ bytes });
  });

  test('credentials that fail are their own error', async () => {
    const failure = new Error('no credentials');
    const without = createS3ObjectStore({
      bucket: 'b',
      region: 'eu-west-1',
      endpoint: s3.url,
      credentials: () => Promise.reject(failure),
      fetch,
    });
    await expect(without.get('dev.json')).rejects.toMatchObject({ cause: failure });
    expect(s3.requests).toEqual([]);
  });
});

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { isSkewed } from './is-skewed.ts';

interface Version {
  readonly id: string;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly writtenAt: Date;
}

export interface TinyS3 {
  readonly url: string;
  /** Method, path and status of each request so far. */
  readonly requests: readonly string[];
  /** The object's versions, oldest first. */
  versionsOf(path: string): readonly Version[];
  /** Holds every GET of a reader (whoever does not sign) from now on, until the returned function is called. */
  hold(): () => void;
  /** Answers every request with this status; undefined ends that. */
  failWith(status: number | undefined): void;
  /** Sets the server's clock so many milliseconds ahead of this machine's. */
  setClockAhead(milliseconds: number): void;
  /** How many keys a listing gives at a time. */
  pageSize: number;
  /** Runs before each GET. */
  beforeRead: ((path: string) => Promise<void>) | undefined;
  /** Runs before each PUT. */
  beforeWrite: ((path: string) => Promise<void>) | undefined;
  stop(): Promise<void>;
}

/** S3's names of what fails as a whole. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const failures: Readonly<Record<number, string>> = { 403: 'AccessDenied', 404: 'NoSuchBucket', 503: 'SlowDown' };

/**
 * As much of S3 as publisher and readers meet, over HTTP on 127.0.0.1: ETag, If-None-Match, If-Match, versions, listings, checksums,
 * refusals in S3's words. Signatures are required and their time is checked, themselves they are not.
 */
export async function startTinyS3(isPublic = false): Promise<TinyS3> {
  const objects = new Map<string, Version[]>();
  const requests: string[] = [];
  let gate: Promise<void> | undefined;
  let failure: number | undefined;
  let aheadMs = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url as string, 'http://s3');
    const path = decodeURIComponent(url.pathname);
    const body = Buffer.concat(await request.toArray());
    const now = Date.now() + aheadMs;
    const reply = (status: number, headers: Record<string, string> = {}, content: string | Buffer = '') => {
      requests.push(`${request.method} ${path} ${status}`);
      response.writeHead(status, { date: new Date(now).toUTCString(), ...headers }).end(content);
    };
    const refuse = (status: number, code: string) =>
      reply(status, { 'content-type': 'application/xml' }, `<Error><Code>${code}</Code></Error>`);
    if (failure) return refuse(failure, failures[failure] ?? 'InternalError');
    if (!isPublic && !/^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? ''))
      return refuse(403, 'AccessDenied');
    if (isSkewed(request.headers, now)) return refuse(403, 'RequestTimeTooSkewed');

    // A page of the same origin, for the browser.
    if (path === '/') return reply(200, { 'content-type': 'text/html' }, '<!doctype html>');
    if (request.method === 'PUT') {
      await s3.beforeWrite?.(path);
      const versions = objects.get(path) ?? [];
      const current = versions.at(-1);
      const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'x-amz-content-sha256': sha256 } = request.headers;
      if (sha256 !== createHash('sha256').update(body).digest('hex')) return refuse(400, 'XAmzContentSHA256Mismatch');
      const checksum = request.headers['x-amz-checksum-crc32'];
      if (checksum !== undefined && checksum !== checksumOf(body)) return refuse(400, 'BadDigest');
      if (ifMatch && !current) return refuse(404, 'NoSuchKey');
      if ((ifNoneMatch && current) || (ifMatch && ifMatch !== current?.etag)) return refuse(412, 'PreconditionFailed');
      const kept = ['content-type', 'content-encoding', 'cache-control'].flatMap((name) =>
        request.headers[name] ? [[name, String(request.headers[name])]] : [],
      );
      const etag = `"${createHash('md5').update(body).digest('hex')}"`;
      objects.set(path, [
        ...versions,
        {
          id: `v${versions.length + 1}`,
          etag,
          headers: Object.fromEntries(kept),
          bytes: body,
          writtenAt: new Date(versions.length * 1000),
        },
      ]);
      return reply(200, { etag });
    }
    if (url.searchParams.has('list-type'))
      return reply(200, {}, listObjects(`${path.replace(/\/$/, '')}/`, url.searchParams));
    if (url.searchParams.has('versions'))
      return reply(200, {}, listVersions(`${path.replace(/\/$/, '')}/`, url.searchParams.get('prefix') ?? ''));
    await s3.beforeRead?.(path);
    if (!request.headers.authorization) await gate;
    const versions = objects.get(path) ?? [];
    const wanted = url.searchParams.get('versionId');
    const found = wanted ? versions.find(({ id }) => id === wanted) : versions.at(-1);
    if (!found) return refuse(404, wanted ? 'NoSuchVersion' : 'NoSuchKey');
    if (request.headers['if-none-match'] === found.etag) return reply(304, { etag: found.etag });
    const checksum = request.headers['x-amz-checksum-mode'] && { 'x-amz-checksum-crc32': checksumOf(found.bytes) };
    return reply(200, { ...found.headers, etag: found.etag, ...checksum }, found.bytes);
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  function listObjects(bucket: string, query: URLSearchParams): string {
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const keys = [...objects.keys()]
      .filter((path) => path.startsWith(`${bucket}${query.get('prefix') ?? ''}`))
      .map((path) => path.slice(bucket.length))
      .filter((key) => key > after)
      .sort();
    const page = keys.slice(0, s3.pageSize);
    const next = page.length < keys.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    return `<?xml version="1.0"?><ListBucketResult>${next}${contents}</ListBucketResult>`;
  }

  function listVersions(bucket: string, prefix: string): string {
    const lines = [...objects].flatMap(([path, versions]) => {
      const key = path.slice(bucket.length);
      if (!key.startsWith(prefix)) return [];
      return versions.map(
        ({ id, writtenAt }, index) =>
          `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${index === versions.length - 1}</IsLatest><LastModified>${writtenAt.toISOString()}</LastModified></Version>`,
      );
    });
    return `<?xml version="1.0"?><ListVersionsResult>${lines.join('')}</ListVersionsResult>`;
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const s3: TinyS3 = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    versionsOf: (path) => objects.get(path) ?? [],
    hold() {
      let open = () => {};
      gate = new Promise((resolve) => (open = resolve));
      return () => {
        gate = undefined;
        open();
      };
    },
    failWith: (status) => void (failure = status),
    setClockAhead: (milliseconds) => void (aheadMs = milliseconds),
    pageSize: 1000,
    beforeRead: undefined,
    beforeWrite: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return s3;
}

function checksumOf(bytes: Buffer): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

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
  /** Runs before each GET. */
  beforeRead: ((path: string) => Promise<void>) | undefined;
  /** Runs before each PUT. */
  beforeWrite: ((path: string) => Promise<void>) | undefined;
  stop(): Promise<void>;
}

/**
 * As much of S3 as publisher and readers meet, over HTTP on 127.0.0.1: ETag, If-None-Match, If-Match, versions, refusals
 * in S3's words. Signatures are required, and not checked.
 */
export async function startTinyS3(isPublic = false): Promise<TinyS3> {
  const objects = new Map<string, Version[]>();
  const requests: string[] = [];
  let gate: Promise<void> | undefined;
  let failure: number | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url as string, 'http://s3');
    const path = decodeURIComponent(url.pathname);
    const body = Buffer.concat(await request.toArray());
    const reply = (status: number, headers: Record<string, string> = {}, content: string | Buffer = '') => {
      requests.push(`${request.method} ${path} ${status}`);
      response.writeHead(status, headers).end(content);
    };
    const refuse = (status: number, code: string) =>
      reply(status, { 'content-type': 'application/xml' }, `<Error><Code>${code}</Code></Error>`);
    if (failure) return refuse(failure, 'SlowDown');
    if (!isPublic && !/^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? ''))
      return refuse(403, 'AccessDenied');

    // A page of the same origin, for the browser.
    if (path === '/') return reply(200, { 'content-type': 'text/html' }, '<!doctype html>');
    if (request.method === 'PUT') {
      await s3.beforeWrite?.(path);
      const versions = objects.get(path) ?? [];
      const current = versions.at(-1);
      const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'x-amz-content-sha256': sha256 } = request.headers;
      if (sha256 !== createHash('sha256').update(body).digest('hex')) return refuse(400, 'XAmzContentSHA256Mismatch');
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
    if (url.searchParams.has('versions'))
      return reply(200, {}, listVersions(path, url.searchParams.get('prefix') ?? ''));
    await s3.beforeRead?.(path);
    if (!request.headers.authorization) await gate;
    const versions = objects.get(path) ?? [];
    const wanted = url.searchParams.get('versionId');
    const found = wanted ? versions.find(({ id }) => id === wanted) : versions.at(-1);
    if (!found) return refuse(404, wanted ? 'NoSuchVersion' : 'NoSuchKey');
    if (request.headers['if-none-match'] === found.etag) return reply(304, { etag: found.etag });
    return reply(200, { ...found.headers, etag: found.etag }, found.bytes);
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

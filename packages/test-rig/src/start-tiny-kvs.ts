import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSkewed } from './is-skewed.ts';
import { findSignatureFault, type Signer } from './verify-signature-v4a.ts';

export interface TinyKvs {
  readonly url: string;
  readonly arn: string;
  /** What the store holds. Tests may change it, which nobody is told. */
  readonly keys: Map<string, string>;
  /** Operation and status of each request so far, with the number of changes. */
  readonly requests: readonly string[];
  /** Answers every request with this status; undefined ends that. */
  failWith(status: number | undefined): void;
  /** Sets the server's clock so many milliseconds ahead of this machine's. */
  setClockAhead(milliseconds: number): void;
  /** Runs before an update is judged. */
  beforeUpdate: (() => void | Promise<void>) | undefined;
  /** Makes the store another version, as a writer does. */
  touch(): void;
  stop(): Promise<void>;
}

/**
 * CloudFront's key value store over HTTP on 127.0.0.1, with one store: its REST protocol, conditional and all-or-nothing
 * updates, pages, limits, and signatures that are really checked.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Operations_Amazon_CloudFront_KeyValueStore.html
 */
export async function startTinyKvs(signer: Signer): Promise<TinyKvs> {
  const arn = 'arn:aws:cloudfront::111122223333:key-value-store/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111';
  const keys = new Map<string, string>();
  const requests: string[] = [];
  let version = 1;
  let failure: number | undefined;
  let aheadMs = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const target = request.url ?? '';
    const method = request.method ?? '';
    const url = new URL(target, 'http://kvs');
    const [root, store, collection, ...others] = url.pathname.slice(1).split('/');
    const operation = { GET: collection ? 'ListKeys' : 'DescribeKeyValueStore', POST: 'UpdateKeys' }[method] ?? method;
    const etag = () => `KV${version}`;
    const now = Date.now() + aheadMs;
    const reply = (status: number, content: object, headers: Record<string, string> = {}, note = '') => {
      requests.push(`${operation} ${status}${note}`);
      const date = new Date(now).toUTCString();
      response.writeHead(status, { 'content-type': 'application/json', date, ...headers }).end(JSON.stringify(content));
    };
    const refuse = (status: number, name: string, Message: string) =>
      reply(status, { Message }, { 'x-amzn-errortype': name });

    if (failure) return refuse(failure, 'InternalServerException', 'It fails.');
    if (isSkewed(request.headers, now)) return refuse(403, 'SignatureDoesNotMatch', 'Signature expired.');
    const fault = findSignatureFault(
      { method, target, headers: request.headers, body },
      'cloudfront-keyvaluestore',
      signer,
    );
    if (fault) return refuse(403, 'AccessDeniedException', fault);
    if (root !== 'key-value-stores' || decodeURIComponent(store ?? '') !== arn || others.length > 0)
      return refuse(404, 'ResourceNotFoundException', 'There is no such store.');
    const size = (pairs: Iterable<readonly [string, string]>) =>
      [...pairs].reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);

    if (operation === 'DescribeKeyValueStore') {
      const description = {
        KvsARN: arn,
        ItemCount: keys.size,
        TotalSizeInBytes: size(keys),
        Created: 0,
        Status: 'READY',
      };
      return reply(200, description, { etag: etag() });
    }
    if (operation === 'ListKeys') {
      const page = Number(url.searchParams.get('MaxResults') ?? 10);
      if (!(page >= 1 && page <= 50)) return refuse(400, 'ValidationException', 'MaxResults is 1 to 50.');
      const start = Number(Buffer.from(url.searchParams.get('NextToken') ?? '', 'base64').toString() || 0);
      const Items = [...keys].slice(start, start + page).map(([Key, Value]) => ({ Key, Value }));
      const NextToken = Buffer.from(String(start + page)).toString('base64');
      return reply(200, { Items, ...(start + page < keys.size && { NextToken }) });
    }
    if (operation !== 'UpdateKeys' || collection !== 'keys')
      return refuse(400, 'ValidationException', 'There is no such operation.');
    await kvs.beforeUpdate?.();
    const { Puts = [], Deletes = [] } = JSON.parse(body.toString()) as {
      Puts?: { Key: string; Value: string }[];
      Deletes?: { Key: string }[];
    };
    if (request.headers['if-match'] !== etag()) return refuse(409, 'ConflictException', 'The store has changed.');
    const changes = Puts.length + Deletes.length;
    if (changes < 1 || changes > 50) return refuse(400, 'ValidationException', 'A request has 1 to 50 changes.');
    const tooLong = Puts.find(({ Key, Value }) => Buffer.byteLength(Key) > 512 || Buffer.byteLength(Value) > 1024);
    if (tooLong) return refuse(400, 'ValidationException', `${tooLong.Key} is too long.`);
    const next = new Map(keys);
    for (const { Key, Value } of Puts) next.set(Key, Value);
    for (const { Key } of Deletes) next.delete(Key);
    if (size(next) > 5_000_000) return refuse(402, 'ServiceQuotaExceededException', 'A store holds 5 MB.');
    keys.clear();
    for (const [key, value] of next) keys.set(key, value);
    version++;
    return reply(200, { ItemCount: keys.size, TotalSizeInBytes: size(keys) }, { etag: etag() }, ` ${changes}`);
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kvs: TinyKvs = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arn,
    keys,
    requests,
    failWith: (status) => void (failure = status),
    setClockAhead: (milliseconds) => void (aheadMs = milliseconds),
    beforeUpdate: undefined,
    touch: () => void version++,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return kvs;
}

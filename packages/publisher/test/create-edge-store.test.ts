import { request as requestHttp } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyKvs, type TinyKvs } from '@amplify-discovery/test-rig/tiny-kvs';
import { derivePublicKey } from '@amplify-discovery/test-rig/verify-signature-v4a';
import { createEdgeStore, syncEdge, type EdgeStore } from '../src/edge/index.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const temporary = { ...credentials, sessionToken: 'IQoJb3JpZ2luX2Vj/+=' };
const host = '111122223333.cloudfront-kvs.global.api.aws';

interface Sent {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array | undefined;
}

/** Sends to 127.0.0.1 what was meant for AWS, with nothing changed, and remembers where it was meant for. */
function createWire(kvs: TinyKvs) {
  const hosts = new Set<string>();
  const send = (sent: Sent) =>
    new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>((resolve, reject) => {
      hosts.add(sent.host);
      const { port } = new URL(kvs.url);
      const headers = { ...sent.headers, host: sent.host };
      const call = requestHttp(
        { host: '127.0.0.1', port, method: sent.method, path: sent.path, headers },
        (response) => {
          response
            .toArray()
            .then((chunks) => {
              const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
              resolve({
                status: response.statusCode ?? 0,
                headers: Object.fromEntries(flat) as Record<string, string>,
                body: Buffer.concat(chunks),
              });
            })
            .catch(reject);
        },
      );
      call.on('error', reject).end(sent.body);
    });
  return { hosts, send };
}
type Wire = ReturnType<typeof createWire>;

function create({ send }: Wire, given = credentials): EdgeStore {
  const fetch = async (input: string | URL | Request, init: RequestInit = {}) => {
    const url = new URL(String(input));
    const { method = 'GET', headers, body } = init;
    const answer = await send({
      host: url.host,
      method,
      path: url.pathname + url.search,
      headers: headers as Record<string, string>,
      body: body as string | undefined,
    });
    return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
  };
  return createEdgeStore({ region: 'eu-west-1', credentials: async () => given, fetch });
}

describe('createEdgeStore', () => {
  let kvs: TinyKvs;
  let wire: Wire;
  beforeEach(async () => {
    kvs = await startTinyKvs(credentials);
    wire = createWire(kvs);
  });
  afterEach(() => kvs.stop());

  test("asks the account's own host, and its signature is right there", async () => {
    const { ETag } = await create(wire).describeKeyValueStore({ KvsARN: kvs.arn });
    expect(ETag).toBe('KV1');
    expect([...wire.hosts]).toEqual([host]);
    expect(kvs.requests).toEqual(['DescribeKeyValueStore 200']);
  });

  test('writes and removes conditionally, and returns the next ETag', async () => {
    const store = create(wire);
    kvs.keys.set('dev/old', '[]');
    const value = JSON.stringify([['default', 100, 'ü.example.com', '/v1 "x"', 443]]);
    const { ETag } = await store.updateKeys({
      KvsARN: kvs.arn,
      IfMatch: 'KV1',
      Puts: [{ Key: 'dev/users', Value: value }],
      Deletes: [{ Key: 'dev/old' }],
    });
    expect(ETag).toBe('KV2');
    expect([...kvs.keys]).toEqual([['dev/users', value]]);
  });

  test('lists every page', async () => {
    const store = create(wire);
    for (let index = 0; index < 120; index++) kvs.keys.set(`dev/s${index}`, `[${index}]`);
    const found: [string, string][] = [];
    let token: string | undefined;
    do {
      const { Items = [], NextToken } = await store.listKeys({ KvsARN: kvs.arn, ...(token && { NextToken: token }) });
      found.push(...Items.map(({ Key = '', Value = '' }): [string, string] => [Key, Value]));
      token = NextToken;
    } while (token);
    expect(found).toEqual([...kvs.keys]);
  });

  test('a changed store is a conflict, after which everything is read again', async () => {
    let conflicts = 2;
    kvs.beforeUpdate = () => {
      if (conflicts-- > 0) kvs.touch();
    };
    let reads = 0;
    const sync = await syncEdge({
      store: create(wire),
      arn: kvs.arn,
      stage: 'dev',
      readEntries: async () => ({ entries: new Map([['dev/users', `[${Math.min(++reads, 3)}]`]]), skipped: [] }),
    });
    expect(sync).toEqual({ put: 1, removed: 0, skipped: [] });
    expect(kvs.keys.get('dev/users')).toBe('[3]');
    expect(kvs.requests.filter((line) => line.startsWith('Update'))).toEqual([
      'UpdateKeys 409',
      'UpdateKeys 409',
      'UpdateKeys 200 1',
    ]);
  });

  test('temporary credentials are signed with their token', async () => {
    const other = await startTinyKvs(temporary);
    try {
      expect(await create(createWire(other), temporary).describeKeyValueStore({ KvsARN: other.arn })).toMatchObject({
        ETag: 'KV1',
      });
      await expect(create(createWire(other)).describeKeyValueStore({ KvsARN: other.arn })).rejects.toThrow();
    } finally {
      await other.stop();
    }
  });

  test('another secret, and a request that was changed on its way, are refused', async () => {
    const wrong = { ...credentials, secretAccessKey: 'other' };
    await expect(create(wire, wrong).describeKeyValueStore({ KvsARN: kvs.arn })).rejects.toThrow(/signature is not/);
    const update = { KvsARN: kvs.arn, IfMatch: 'KV1', Puts: [{ Key: 'dev/users', Value: '[]' }], Deletes: [] };
    const changed = (change: (sent: Sent) => Sent) => ({ ...wire, send: (sent: Sent) => wire.send(change(sent)) });
    const shorter = changed((sent) => ({
      ...sent,
      body: '{}',
      headers: { ...sent.headers, 'content-length': '2' },
    }));
    await expect(create(shorter).updateKeys(update)).rejects.toThrow(/body differs/);
    const elsewhere = changed((sent) => ({ ...sent, path: sent.path.replace(/keys$/, 'keys?x=1') }));
    await expect(create(elsewhere).updateKeys(update)).rejects.toThrow(/signature is not/);
    const later = changed((sent) => ({ ...sent, headers: { ...sent.headers, 'if-match': 'KV2' } }));
    await expect(create(later).updateKeys(update)).rejects.toThrow(/signature is not/);
    expect(kvs.keys.size).toBe(0);
  });

  test('a change that is too large is refused whole', async () => {
    const store = create(wire);
    const Puts = Array.from({ length: 51 }, (_, index) => ({ Key: `dev/s${index}`, Value: '[]' }));
    await expect(store.updateKeys({ KvsARN: kvs.arn, IfMatch: 'KV1', Puts, Deletes: [] })).rejects.toThrow();
    const tooLong = [{ Key: 'dev/x', Value: 'x'.repeat(1025) }];
    await expect(store.updateKeys({ KvsARN: kvs.arn, IfMatch: 'KV1', Puts: tooLong, Deletes: [] })).rejects.toThrow();
    expect(kvs.keys.size).toBe(0);
  });

  test('what is not the ARN of a store is refused before anything is sent', async () => {
    for (const KvsARN of [
      'x',
      'arn:aws:s3:::bucket',
      'arn:aws:cloudfront::111122223333:function/x',
      'arn:aws-cn:cloudfront::111122223333:key-value-store/x',
      'arn:aws:cloudfront:eu-west-1:111122223333:key-value-store/x',
    ])
      await expect(create(wire).describeKeyValueStore({ KvsARN })).rejects.toMatchObject({ code: 'InvalidOptions' });
    expect(wire.hosts.size).toBe(0);
  });
});

test('failures name the request and the answer', async () => {
  const kvs = await startTinyKvs(credentials);
  const wire = createWire(kvs);
  const arn = { KvsARN: kvs.arn };
  kvs.failWith(500);
  await expect(create(wire).describeKeyValueStore(arn)).rejects.toMatchObject({
    code: 'EdgeStoreUnavailable',
    message: expect.stringMatching(/^DescribeKeyValueStore of arn:.*: HTTP 500 InternalServerException: It fails\.$/),
  });
  kvs.failWith(undefined);
  const denied = create(wire, { ...credentials, accessKeyId: 'OTHER' }).listKeys(arn);
  await expect(denied).rejects.toMatchObject({ code: 'EdgeStoreDenied' });
  await kvs.stop();
  await expect(create(wire).describeKeyValueStore(arn)).rejects.toMatchObject({
    code: 'EdgeStoreUnavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('the public key is the one that other implementations derive', () => {
  const jwk = derivePublicKey({
    accessKeyId: 'AKISORANDOMAASORANDOM',
    secretAccessKey: 'q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom',
  }).export({ format: 'jwk' });
  const toHex = (text = '') => Buffer.from(text, 'base64url').toString('hex');
  expect([toHex(jwk.x), toHex(jwk.y)]).toEqual([
    '15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb',
    '0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0',
  ]);
});

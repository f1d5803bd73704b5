import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createResolver } from '@amplify-discovery/core';
import { fakeClock, memorySource, sourceContract } from '@amplify-discovery/testing';
import { firstAnswer } from '../src/source/first-answer.ts';
import { createLocalKey, localSigner, type LocalKey } from '../src/format/local-signer.ts';
import { publishStage } from '@amplify-discovery/publisher';
import { s3ObjectStore } from '@amplify-discovery/publisher';
import { sealSnapshot } from '../src/format/seal-snapshot.ts';
import { snapshotSource, type SnapshotSourceOptions } from '../src/source/snapshot-source.ts';
import type { SnapshotDocument } from '../src/format/snapshot-document.ts';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/testing/tiny-s3';

const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });

for (const isSigned of [true, false]) {
  for (const object of ['json', 'public.json'] as const) {
    sourceContract(`the source of ${isSigned ? 'signed' : 'unsigned'} {stage}.${object} objects`, async () => {
      const s3 = await startTinyS3(true);
      const registry = memorySource('registry');
      const key = await createLocalKey('test');
      const store = s3ObjectStore({ bucket: 'snapshots', region: 'eu-west-1', endpoint: s3.url, credentials });
      const signer = isSigned ? localSigner(key) : undefined;
      /** What the stream's Lambda does after a change. */
      const publish = async (stage: string) => {
        await publishStage(stage, {
          source: registry,
          store,
          signer,
          publicRule: { services: ['users', 'orders', 'elsewhere'], kinds: ['rest'] },
        });
      };
      const published = new Set<string>();
      const source = snapshotSource({
        url: `${s3.url}/snapshots/{stage}.${object}`,
        ...(isSigned && { trustedKeys: [key] }),
        async fetch(url, init) {
          const stage = /([\w-]+)\.(public\.)?json$/.exec(String(url))?.[1] as string;
          if (!isDown && !published.has(stage)) await publish(stage);
          published.add(stage);
          return fetch(url, init);
        },
      });
      let isDown = false;
      return {
        source,
        async register({ stage, service, id = 'default', target }) {
          registry.register({ stage, service, id, target, kind: 'rest', weight: 100 });
          await publish(stage);
        },
        async deregister(stage, service, id) {
          registry.deregister(stage, service, id);
          await publish(stage);
        },
        holdNextLoad: () => s3.hold(),
        breakDown: async () => {
          isDown = true;
          s3.failWith(503);
        },
        close: () => s3.stop(),
      };
    });
  }
}

describe('a source of signed snapshots', () => {
  let key: LocalKey;
  let next: LocalKey;
  let stranger: LocalKey;
  let files: Map<string, Uint8Array>;
  let requests: { url: string; headers: Headers }[];
  const clock = fakeClock();
  const signal = new AbortController().signal;

  beforeAll(async () => {
    [key, next, stranger] = await Promise.all([createLocalKey('2026'), createLocalKey('2027'), createLocalKey('2026')]);
  });
  beforeEach(() => {
    files = new Map();
    requests = [];
  });

  const document = (more: Partial<SnapshotDocument> = {}): SnapshotDocument => ({
    stage: 'dev',
    sequence: 5,
    issuedAt: clock.now(),
    expiresAt: clock.now() + 60_000,
    revision: 'r1',
    endpoints: [{ stage: 'dev', service: 'users', target: 'https://users.example.com' }],
    ...more,
  });
  const makeSource = (more: Partial<SnapshotSourceOptions> = {}) =>
    snapshotSource({
      url: 'https://cdn.example.com/{stage}.json',
      trustedKeys: [key],
      now: clock.now,
      async fetch(url, init) {
        requests.push({ url: String(url), headers: new Headers(init?.headers) });
        const file = files.get(String(url).replace(/^.*\//, ''));
        return file
          ? new Response(file as Uint8Array<ArrayBuffer>, { headers: { etag: '"e"' } })
          : new Response('', { status: 404 });
      },
      ...more,
    });
  const publish = async (value: SnapshotDocument, signer: LocalKey | undefined = key, name = 'dev.json') =>
    void files.set(name, await sealSnapshot(value, signer && localSigner(signer)));
  const load = (source = makeSource(), knownRevision?: string) => source.load({ stage: 'dev', signal, knownRevision });

  test('what the trusted key signed is given', async () => {
    await publish(document());
    await expect(load()).resolves.toEqual({ revision: 'r1', endpoints: document().endpoints });
  });

  test('while a key is being replaced both are trusted', async () => {
    const source = makeSource({ trustedKeys: [key, next] });
    await publish(document());
    await expect(load(source)).resolves.toMatchObject({ revision: 'r1' });
    await publish(document({ sequence: 6, revision: 'r2' }), next);
    await expect(load(source)).resolves.toMatchObject({ revision: 'r2' });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['an unsigned one', async () => files.set('dev.json', await sealSnapshot(document()))],
    ['one that an unknown key signed', () => publish(document(), next)],
    ['one that another key of the same name signed', () => publish(document(), stranger)],
    [
      'one with a changed byte',
      async () => {
        await publish(document());
        const file = files.get('dev.json') as Uint8Array;
        file[file.length - 3] = (file[file.length - 3] as number) ^ 1;
      },
    ],
    [
      'one with the header of another algorithm',
      async () => {
        const header = Buffer.from('{"alg":"none","kid":"2026","b64":false,"crit":["b64"]}').toString('base64url');
        files.set('dev.json', Buffer.concat([Buffer.from(`${header}..\n`), await sealSnapshot(document())]));
      },
    ],
    [
      'one with a signature of zeros',
      async () => {
        await publish(document());
        const file = Buffer.from(files.get('dev.json') as Uint8Array);
        const text = file.toString();
        files.set('dev.json', Buffer.from(text.replace(/\.\.[\w-]{86}/, `..${'A'.repeat(86)}`)));
      },
    ],
    [
      'one signed for an empty payload with a payload put behind it',
      async () => {
        const { sealPayload } = await import('../src/format/snapshot-envelope.ts');
        const empty = await sealPayload(new Uint8Array(), localSigner(key));
        files.set('dev.json', Buffer.concat([empty, await sealSnapshot(document())]));
      },
    ],
    ['an empty file', async () => files.set('dev.json', new Uint8Array())],
  ])('%s is refused with SignatureInvalid', async (_, arrange) => {
    await arrange();
    await expect(load()).rejects.toMatchObject({ code: 'SignatureInvalid' });
  });

  test('an older sequence than the one seen is refused, and the newer one stays in use', async () => {
    const source = makeSource();
    await publish(document({ sequence: 6, revision: 'new' }));
    await load(source);
    await publish(document({ sequence: 5, revision: 'old' }));
    await expect(load(source)).rejects.toMatchObject({ code: 'SignatureInvalid' });
    await publish(document({ sequence: 6, revision: 'new' }));
    await expect(load(source, 'new')).resolves.toEqual({ unchanged: true, revision: 'new' });
  });

  test('an older sequence is refused after a restart too, where sequences are kept', async () => {
    const kept = new Map<string, number>();
    const sequences = {
      read: async (stage: string) => kept.get(stage),
      write: async (stage: string, sequence: number) => void kept.set(stage, sequence),
    };
    await publish(document({ sequence: 6 }));
    await load(makeSource({ sequences }));
    await publish(document({ sequence: 5 }));
    await expect(load(makeSource({ sequences }))).rejects.toMatchObject({ code: 'SignatureInvalid' });
  });

  test('a storage of sequences that fails is passed over', async () => {
    const fail = () => Promise.reject(new Error('full'));
    await publish(document());
    await expect(load(makeSource({ sequences: { read: fail, write: fail } }))).resolves.toMatchObject({
      revision: 'r1',
    });
  });

  test.each([Number.NaN, Infinity, '9', {}])(
    'a stored sequence that is none does not turn the comparison off: %p',
    async (stored) => {
      const sequences = { read: async () => stored as number, write: async () => {} };
      const source = makeSource({ sequences });
      await publish(document({ sequence: 6 }));
      await expect(load(source)).resolves.toMatchObject({ revision: 'r1' });
      await publish(document({ sequence: 5, revision: 'old' }));
      await expect(load(source)).rejects.toMatchObject({ code: 'SignatureInvalid' });
    },
  );

  test('another stage\u2019s snapshot is refused, although it is signed', async () => {
    await publish(document({ stage: 'staging' }));
    await expect(load()).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: expect.stringContaining('staging'),
    });
  });

  test('an expired one is refused, also when the server says that it has not changed', async () => {
    const expiring = document({ expiresAt: clock.now() + 1000 });
    const source = makeSource({
      fetch: async (_, init) =>
        new Headers(init?.headers).has('if-none-match')
          ? new Response(null, { status: 304 })
          : new Response((await sealSnapshot(expiring, localSigner(key))) as Uint8Array<ArrayBuffer>, {
              headers: { etag: '"e"' },
            }),
    });
    await expect(load(source)).resolves.toMatchObject({ revision: 'r1' });
    await expect(load(source, 'r1')).resolves.toEqual({ unchanged: true, revision: 'r1' });
    await clock.advance(1000);
    await expect(load(source)).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: expect.stringContaining('expired'),
    });
    await expect(load(source, 'r1')).rejects.toMatchObject({ code: 'RegistryUnavailable' });
  });

  test('a revision that this source has not verified itself is not confirmed', async () => {
    await publish(document());
    await expect(load(makeSource(), 'r1')).resolves.toMatchObject({ endpoints: document().endpoints });
  });

  test('an object that is not there is an error, so that the next source is asked', async () => {
    await expect(load()).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: expect.stringContaining('404'),
    });
    const registry = memorySource('registry');
    registry.register({ stage: 'dev', service: 'users', target: 'https://users.example.com' });
    await expect(load(firstAnswer([makeSource(), registry]))).resolves.toMatchObject({
      endpoints: [{ service: 'users' }],
    });
  });

  test('an object without end is not read to its end', async () => {
    let chunks = 0;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1000).fill(++chunks)),
    });
    const source = makeSource({ maximumBytes: 10_000, fetch: async () => new Response(body) });
    await expect(load(source)).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: expect.stringContaining('larger than 10000'),
    });
    expect(chunks).toBeLessThan(20);
  });

  test('a server that never answers is given up', async () => {
    const source = makeSource({
      timeoutMs: 10,
      fetch: (_, init) =>
        new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))),
    });
    await expect(load(source)).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: expect.stringContaining('no answer in 10 ms'),
    });
  });

  test.each(['http://cdn.example.com/{stage}', 'ftp://cdn.example.com/', '/relative/{stage}'])(
    'the url %s is refused before any request',
    async (url) => {
      await expect(load(makeSource({ url }))).rejects.toMatchObject({ code: 'InvalidOptions' });
      expect(requests).toEqual([]);
    },
  );

  test('an empty list of keys is a mistake, not trust in everything', () => {
    expect(() => makeSource({ trustedKeys: [] })).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
  });

  test('a resolver that runs on it serves the snapshot it has when the next one is forged', async () => {
    await publish(document());
    const resolver = createResolver({
      source: makeSource(),
      stage: 'dev',
      trustedHosts: ['*.example.com'],
      freshSeconds: 1,
      now: clock.now,
    });
    await resolver.resolve('users');
    await clock.advance(2000);
    await publish(
      document({ sequence: 9, endpoints: [{ service: 'users', target: 'https://evil.example.com' }] }),
      stranger,
    );
    await resolver.resolve('users');
    await resolver.settle();
    await expect(resolver.resolve('users')).resolves.toMatchObject({
      stale: true,
      endpoint: { target: 'https://users.example.com' },
    });
  });
});

describe('snapshots in a bucket', () => {
  let s3: TinyS3;
  beforeAll(async () => {
    s3 = await startTinyS3(true);
  });
  afterAll(() => s3.stop());

  test('are compressed in the bucket, and an unchanged one is answered by 304 without a body', async () => {
    const registry = memorySource('registry');
    registry.register({ stage: 'dev', service: 'users', target: 'https://users.example.com' });
    const store = s3ObjectStore({ bucket: 'b', region: 'eu-west-1', endpoint: s3.url, credentials });
    await publishStage('dev', { source: registry, store });
    const source = snapshotSource({ url: `${s3.url}/b/{stage}.json` });
    const signal = new AbortController().signal;
    await source.load({ stage: 'dev', signal });
    await source.load({ stage: 'dev', signal, knownRevision: 'r1' });
    expect(s3.requests.filter((line) => line.startsWith('GET /b/dev.json')).slice(-2)).toEqual([
      'GET /b/dev.json 200',
      'GET /b/dev.json 304',
    ]);
    expect(s3.versionsOf('/b/dev.json')[0]?.headers).toMatchObject({ 'content-encoding': 'br' });
  });
});

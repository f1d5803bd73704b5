import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createResolver } from '@amplify-discovery/core';
import { fakeClock, memorySource } from '@amplify-discovery/test-rig';
import { createFallbackSource } from '../src/source/create-fallback-source.ts';
import { createLocalKey, createLocalSigner, type LocalKey } from '../src/format/create-local-signer.ts';
import { sealSnapshot } from '../src/format/seal-snapshot.ts';
import { createSnapshotSource, type SnapshotSourceOptions } from '../src/source/create-snapshot-source.ts';
import type { SnapshotDocument } from '../src/format/snapshot-document.ts';

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
    createSnapshotSource({
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
    void files.set(name, await sealSnapshot(value, signer && createLocalSigner(signer)));
  const load = (source = makeSource(), knownRevision?: string) => source.load({ stage: 'dev', signal, knownRevision });

  test('what the trusted key signed is given', async () => {
    await publish(document());
    await expect(load()).resolves.toEqual({ revision: 'r1', endpoints: document().endpoints });
  });

  test('a partial snapshot says so, except to a reader who may see no more', async () => {
    await publish(document({ partial: true }));
    await expect(load()).resolves.toMatchObject({ partial: true });
    const source = makeSource({ isPartEnough: true });
    await expect(load(source)).resolves.toEqual({ revision: 'r1', endpoints: document().endpoints });
    await expect(load(source, 'r1')).resolves.toEqual({ unchanged: true, revision: 'r1' });
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
        const empty = await sealPayload(new Uint8Array(), createLocalSigner(key));
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

  const failing = () => Promise.reject(new Error('full'));
  const hanging = () => new Promise<never>(() => {});
  const throwing = () => {
    throw new Error('not an async function');
  };
  const works = async () => undefined;
  test.each([
    ['fails', { read: failing, write: failing }],
    ['never settles', { read: hanging, write: works }],
    ['never settles at writing', { read: works, write: hanging }],
    ['throws', { read: throwing, write: throwing }],
  ])('a storage of sequences that %s is done without', async (_, sequences) => {
    await publish(document());
    await expect(load(makeSource({ sequences, timeoutMs: 60_000 }))).resolves.toMatchObject({ revision: 'r1' });
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
          : new Response((await sealSnapshot(expiring, createLocalSigner(key))) as Uint8Array<ArrayBuffer>, {
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
    await expect(load(createFallbackSource([makeSource(), registry]))).resolves.toMatchObject({
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

  test.each<[string, typeof globalThis.fetch]>([
    [
      'that never answers',
      (_, init) =>
        new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))),
    ],
    ['by a fetch that ignores its signal', () => new Promise(() => {})],
    ['whose body never ends, by a fetch that ignores its signal', async () => new Response(new ReadableStream())],
  ])('a server %s is given up', async (_, fetch) => {
    const source = makeSource({ timeoutMs: 10, fetch });
    await expect(load(source)).rejects.toMatchObject({
      code: 'RegistryUnavailable',
      message: expect.stringContaining('no answer in 10 ms'),
    });
  });

  test('a caller that gives up gets its own reason, and the request is ended', async () => {
    const reason = new Error('enough');
    const caller = new AbortController();
    let ended: unknown;
    const source = makeSource({
      fetch: (_, init) =>
        new Promise(() => {
          init?.signal?.addEventListener('abort', () => (ended = init.signal?.reason));
          caller.abort(reason);
        }),
    });
    await expect(source.load({ stage: 'dev', signal: caller.signal })).rejects.toBe(reason);
    expect(ended).toBe(reason);
  });

  test.each([
    'http://cdn.example.com/{stage}',
    'https://me:secret@cdn.example.com/{stage}',
    'ftp://cdn.example.com/',
    '/relative/{stage}',
  ])('the url %s is refused before any request', async (url) => {
    await expect(load(makeSource({ url }))).rejects.toMatchObject({ code: 'InvalidOptions' });
    expect(requests).toEqual([]);
  });

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

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Source } from '@amplify-discovery/core';
import { fakeClock, memorySource, type MemorySource } from '@amplify-discovery/test-rig';
import { brotliDecompressSync } from 'node:zlib';
import { createPublisherHandler } from '../src/publish/create-publisher-handler.ts';
import { createLocalKey, createLocalSigner } from '@amplify-discovery/snapshots/seal';
import { openSnapshot } from '@amplify-discovery/snapshots';
import { publishStage, type PublishOptions } from '../src/publish/publish-stage.ts';
import { createS3ObjectStore, type S3ObjectStore } from '../src/store/create-s3-object-store.ts';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';

const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
const endpoint = (service: string, more: object = {}) => ({
  stage: 'dev',
  service,
  kind: 'rest',
  target: `https://${service}.example.com`,
  weight: 100,
  ...more,
});

describe('publishing a stage', () => {
  let s3: TinyS3;
  let store: S3ObjectStore;
  let registry: MemorySource;
  let clock: ReturnType<typeof fakeClock>;

  beforeEach(async () => {
    s3 = await startTinyS3();
    store = createS3ObjectStore({ bucket: 'b', region: 'eu-west-1', endpoint: s3.url, credentials });
    registry = memorySource('registry');
    clock = fakeClock();
  });
  afterEach(() => s3.stop());

  const publish = (more: Partial<PublishOptions> = {}) =>
    publishStage('dev', { source: registry, store, now: clock.now, ...more });
  const readAll = (path: string) =>
    Promise.all(
      s3
        .versionsOf(path)
        .map(({ bytes }) => openSnapshot(brotliDecompressSync(bytes), { stage: 'dev', now: clock.now })),
    );
  const servicesOf = ({ endpoints }: { endpoints: readonly unknown[] }) =>
    (endpoints as { service: string }[]).map(({ service }) => service);

  test('the public object of a stage that is not open is empty, as an API key finds it, and everything again once it is open', async () => {
    registry.register(endpoint('users', { public: true }));
    const readPublic = async () => (await readAll('/b/dev.public.json')).at(-1);
    await publish({ openStages: ['Production', 'pr-*'] });
    expect(await readPublic()).toMatchObject({ endpoints: [], partial: true });
    expect(servicesOf((await readAll('/b/dev.json')).at(-1) as never)).toEqual(['users']);
    await publish({ openStages: ['de*'] });
    expect(await readPublic()).toMatchObject({ endpoints: [{ service: 'users' }] });
    await publish({ openStages: [] });
    expect(await readPublic()).toMatchObject({ endpoints: [] });
  });

  test('a stage can not write over the public object of another, nor make itself public by its name', async () => {
    registry.register({ ...endpoint('secret'), stage: 'dev.public' });
    const options = { source: registry, store, now: clock.now };
    await expect(publishStage('dev.public', options)).rejects.toMatchObject({ code: 'InvalidOptions' });
    const log: unknown[] = [];
    const handle = createPublisherHandler({
      ...options,
      listStages: async () => ['dev.public'],
      log: (line) => log.push(line),
    });
    const Records = [{ dynamodb: { SequenceNumber: '1', Keys: { stage: { S: 'dev.public' } } } }];
    expect(await handle({ Records })).toEqual({ batchItemFailures: [] });
    await handle({ source: 'aws.events' });
    const refused = { stage: 'dev.public', failed: expect.stringContaining('.public') };
    expect(log).toEqual([refused, refused]);
    expect(s3.versionsOf('/b/dev.public.json')).toEqual([]);
  });

  test('writes everything into one object, and what is public into the other', async () => {
    registry.register(endpoint('shown', { public: true }));
    registry.register(endpoint('private', { public: false, metadata: '{"public":"true"}' }));
    registry.register(endpoint('older'));
    registry.register(
      endpoint('function', {
        kind: 'function',
        target: 'arn:aws:lambda:eu-west-1:123456789012:function:f',
        public: true,
      }),
    );
    await publish({ prefix: 'live/' });
    const [full] = await readAll('/b/live/dev.json');
    const [shown] = await readAll('/b/live/dev.public.json');
    expect(full && servicesOf(full)).toEqual(['function', 'older', 'private', 'shown']);
    expect(shown && servicesOf(shown)).toEqual(['shown']);
  });

  test('nothing is public unless it was registered so', async () => {
    registry.register(endpoint('users'));
    await publish();
    const [shown] = await readAll('/b/dev.public.json');
    expect(shown?.endpoints).toEqual([]);
  });

  test('an unchanged stage is not written again until half of its lifetime is over', async () => {
    registry.register(endpoint('users'));
    await expect(publish({ lifetimeSeconds: 100 })).resolves.toMatchObject({ full: 'written', public: 'written' });
    await clock.advance(49_000);
    await expect(publish({ lifetimeSeconds: 100 })).resolves.toMatchObject({ full: 'unchanged', public: 'unchanged' });
    await clock.advance(2_000);
    await expect(publish({ lifetimeSeconds: 100 })).resolves.toMatchObject({ full: 'written', public: 'written' });
    const [first, second] = await readAll('/b/dev.json');
    expect(second?.sequence).toBeGreaterThan(first?.sequence as number);
    expect(second?.revision).toBe(first?.revision);
  });

  test('the public object says whether endpoints with a URL are missing in it', async () => {
    const isPartial = async () => (await readAll('/b/dev.public.json')).at(-1)?.partial;
    registry.register(endpoint('users', { public: true }));
    registry.register(endpoint('worker', { kind: 'function', target: 'arn:aws:lambda:eu-west-1:1:function:f' }));
    await publish();
    await expect(isPartial()).resolves.toBe(undefined);
    registry.register(endpoint('private'));
    await expect(publish()).resolves.toMatchObject({ public: 'written' });
    await expect(isPartial()).resolves.toBe(true);
  });

  test('a change of what is not public does not touch the public object', async () => {
    registry.register(endpoint('users', { public: true }));
    registry.register(endpoint('secret'));
    await publish();
    registry.register(endpoint('another-secret'));
    await expect(publish()).resolves.toMatchObject({ full: 'written', public: 'unchanged' });
  });

  test('however many publish at once, sequences rise and the last object is the last state', async () => {
    const changes = 12;
    let published: Promise<unknown>[] = [];
    for (let change = 0; change < changes; change++) {
      registry.register(endpoint('users', { version: `1.0.${change}` }));
      published = [...published, publish({ attempts: 50 }), publish({ attempts: 50 })];
      if (change % 3 === 0) await published[change];
    }
    await Promise.all(published);
    const written = await readAll('/b/dev.json');
    const sequences = written.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((left, right) => left - right));
    const versions = written.map(({ endpoints }) => Number((endpoints[0] as { version: string }).version.slice(4)));
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
    expect(versions.at(-1)).toBe(changes - 1);
  });

  test('a publisher that has read the table before another one published does not overwrite it', async () => {
    registry.register(endpoint('users', { version: '1.0.0' }));
    await publish();
    registry.register(endpoint('users', { version: '2.0.0' }));
    let isOvertaken = false;
    const slow: Source = {
      name: 'slow',
      async load(request) {
        const answer = await registry.load(request);
        if (!isOvertaken) {
          isOvertaken = true;
          registry.register(endpoint('users', { version: '3.0.0' }));
          await publish();
        }
        return answer;
      },
    };
    await publish({ source: slow });
    const written = await readAll('/b/dev.json');
    expect(written.map(({ endpoints }) => (endpoints[0] as { version: string }).version)).toEqual(['1.0.0', '3.0.0']);
    expect(s3.requests.filter((line) => line === 'PUT /b/dev.json 412')).toHaveLength(1);
  });

  test('a state that comes back while another one is written is published again', async () => {
    const states = [
      { revision: 'one', endpoints: [endpoint('users')] },
      { revision: 'two', endpoints: [endpoint('users'), endpoint('orders')] },
    ] as const;
    let current: (typeof states)[number] = states[0];
    const source: Source = { name: 'table', load: async () => current };
    await publish({ source });
    current = states[1];
    const flickering = {
      ...store,
      async put(...input: Parameters<S3ObjectStore['put']>) {
        current = states[0];
        return store.put(...input);
      },
    };
    await publish({ source, store: flickering });
    expect((await readAll('/b/dev.json')).map(({ revision }) => revision)).toEqual(['one', 'two', 'one']);
  });

  test('two that find no object yet do not both write one', async () => {
    registry.register(endpoint('users'));
    await Promise.all([publish(), publish()]);
    expect(s3.versionsOf('/b/dev.json')).toHaveLength(1);
  });

  test('it gives up with ConcurrentChange when others always come first', async () => {
    registry.register(endpoint('users'));
    await publish();
    const always: Source = {
      name: 'always late',
      async load(request) {
        registry.register(endpoint('users', { version: `1.0.${registry.requests.length}` }));
        const answer = await registry.load(request);
        registry.register(endpoint('users', { version: `2.0.${registry.requests.length}` }));
        await publish();
        return answer;
      },
    };
    await expect(publish({ source: always, attempts: 3 })).rejects.toMatchObject({ code: 'ConcurrentChange' });
  });

  test('sequences go on rising when the object was deleted or is garbage', async () => {
    registry.register(endpoint('users'));
    await publish();
    const [first] = await readAll('/b/dev.json');
    await store.put('dev.json', new TextEncoder().encode('garbage'), s3.versionsOf('/b/dev.json')[0]?.etag);
    await clock.advance(1);
    await publish();
    const last = s3.versionsOf('/b/dev.json').at(-1);
    const document = await openSnapshot(brotliDecompressSync(last?.bytes as Buffer), { stage: 'dev', now: clock.now });
    expect(document.sequence).toBeGreaterThan(first?.sequence as number);
  });

  test('a failing registry or bucket is its error, and nothing is written', async () => {
    registry.failWith(new Error('down'));
    await expect(publish()).rejects.toThrow('down');
    registry.failWith(undefined);
    s3.failWith(500);
    await expect(publish()).rejects.toMatchObject({
      code: 'BucketUnavailable',
      message: expect.stringContaining('InternalError'),
    });
    expect(s3.versionsOf('/b/dev.json')).toEqual([]);
  });

  test('versions are listed newest first and can be read', async () => {
    registry.register(endpoint('users', { version: '1.0.0' }));
    await publish();
    registry.register(endpoint('users', { version: '2.0.0' }));
    await publish();
    const versions = await store.listVersions('dev.json');
    expect(versions.map(({ isLatest }) => isLatest)).toEqual([true, false]);
    const old = await openSnapshot(await store.getVersion('dev.json', versions[1]?.versionId as string), {
      stage: 'dev',
      now: clock.now,
    });
    expect(old.endpoints).toMatchObject([{ version: '1.0.0' }]);
    await expect(store.getVersion('dev.json', 'v99')).rejects.toMatchObject({ code: 'InvalidOptions' });
  });

  describe('by the handler', () => {
    const record = (stage: string, SequenceNumber: string) => ({
      dynamodb: { SequenceNumber, Keys: { stage: { S: stage } } },
    });
    const makeHandler = (more: object = {}) =>
      createPublisherHandler({
        source: registry,
        store,
        now: clock.now,
        listStages: async () => ['dev', 'prod'],
        ...more,
      });

    test('a batch publishes each of its stages once, signed', async () => {
      const key = await createLocalKey('k');
      registry.register(endpoint('users'));
      const result = await makeHandler({ signer: createLocalSigner(key) })({
        Records: [record('dev', '1'), record('dev', '2'), record('prod', '3')],
      });
      expect(result).toEqual({ batchItemFailures: [] });
      // Once to publish, and once to see that the table still says so.
      expect(registry.requests.map(({ stage }) => stage)).toEqual(['dev', 'dev', 'prod', 'prod']);
      const object = await store.get('dev.json');
      await expect(
        openSnapshot(object?.bytes as Uint8Array, { stage: 'dev', trustedKeys: [key], now: clock.now }),
      ).resolves.toMatchObject({ stage: 'dev' });
    });

    test('a stage that fails gives back its first record and does not stop the others', async () => {
      const source: Source = {
        name: 'registry',
        load: (request) => (request.stage === 'dev' ? Promise.reject(new Error('down')) : registry.load(request)),
      };
      const result = await makeHandler({ source })({
        Records: [record('prod', '1'), record('dev', '2'), record('dev', '3'), record('qa', '4')],
      });
      expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
      expect(s3.versionsOf('/b/qa.json')).toHaveLength(1);
    });

    test('a schedule publishes every stage, and rejects when one fails', async () => {
      await makeHandler()({ source: 'aws.events' });
      expect(s3.versionsOf('/b/prod.json')).toHaveLength(1);
      registry.failWith(new Error('down'));
      await expect(makeHandler()({ source: 'aws.events' })).rejects.toThrow('down');
    });

    test('a key that is not a stage name is passed over, and an unknown event refused', async () => {
      await expect(makeHandler()({ Records: [record('../../x', '1'), {}] })).resolves.toEqual({
        batchItemFailures: [],
      });
      await expect(makeHandler()({})).rejects.toMatchObject({ code: 'InvalidOptions' });
      expect(s3.requests).toEqual([]);
    });
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSnapshotSource } from '@amplify-discovery/snapshots';
import { createLocalKey, createLocalSigner } from '@amplify-discovery/snapshots/seal';
import { memorySource, sourceContract } from '@amplify-discovery/test-rig';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { publishStage } from '../src/publish/publish-stage.ts';
import { createS3ObjectStore } from '../src/store/create-s3-object-store.ts';

const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });

for (const isSigned of [true, false]) {
  for (const object of ['json', 'public.json'] as const) {
    sourceContract(`the source of ${isSigned ? 'signed' : 'unsigned'} {stage}.${object} objects`, async () => {
      const s3 = await startTinyS3(true);
      const registry = memorySource('registry');
      const key = await createLocalKey('test');
      const store = createS3ObjectStore({ bucket: 'snapshots', region: 'eu-west-1', endpoint: s3.url, credentials });
      const signer = isSigned ? createLocalSigner(key) : undefined;
      /** What the stream's Lambda does after a change. */
      const publish = async (stage: string) => {
        await publishStage(stage, { source: registry, store, signer });
      };
      const published = new Set<string>();
      const source = createSnapshotSource({
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
          registry.register({ stage, service, id, target, kind: 'rest', weight: 100, public: true });
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

describe('snapshots in a bucket', () => {
  let s3: TinyS3;
  beforeAll(async () => {
    s3 = await startTinyS3(true);
  });
  afterAll(() => s3.stop());

  test('are compressed in the bucket, and an unchanged one is answered by 304 without a body', async () => {
    const registry = memorySource('registry');
    registry.register({ stage: 'dev', service: 'users', target: 'https://users.example.com' });
    const store = createS3ObjectStore({ bucket: 'b', region: 'eu-west-1', endpoint: s3.url, credentials });
    await publishStage('dev', { source: registry, store });
    const source = createSnapshotSource({ url: `${s3.url}/b/{stage}.json` });
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

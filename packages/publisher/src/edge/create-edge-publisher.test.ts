import { expect, test } from '@jest/globals';
import { startTinyKvs } from '@amplify-discovery/test-rig/tiny-kvs';
import { parseEdgeSettings } from '../settings/parse-edge-settings.ts';
import { createEdgePublisher } from './create-edge-publisher.ts';
import { createEdgeStore } from './create-edge-store.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

test('stages published at the same time are written to their store one at a time', async () => {
  const kvs = await startTinyKvs(credentials);
  try {
    const stages = ['a', 'b', 'c', 'd', 'e', 'f'];
    const byHost = Object.fromEntries(stages.map((stage) => [`${stage}.example.com`, stage]));
    const settings = parseEdgeSettings({ store: kvs.arn, byHost, trustedHosts: ['*.example.com'] }, 'test');
    const endpoints = [{ service: 'users', target: 'https://users.example.com' }];
    const source = { name: 'table', load: async () => ({ revision: '1', endpoints }) };
    const client = { region: 'eu-west-1', credentials: async () => credentials, endpoint: kvs.url };
    const edge = createEdgePublisher({ ...settings, source, edgeStore: createEdgeStore(client) });
    expect(edge.stages).toEqual(stages);
    await Promise.all(stages.map((stage) => edge.publish(stage)));
    expect([...kvs.keys.keys()].sort()).toEqual(['_settings', ...stages.map((stage) => `${stage}/users`)]);
    expect(kvs.requests.filter((line) => line.endsWith('409'))).toEqual([]);

    // A failed publication doesn't block the next.
    kvs.keys.clear();
    kvs.failWith(500);
    const failed = edge.publish('a').finally(() => kvs.failWith(undefined));
    const next = edge.publish('b');
    await expect(failed).rejects.toMatchObject({ code: 'EdgeStoreUnavailable' });
    await expect(next).resolves.toMatchObject({ edge: 'b', put: 2 });
  } finally {
    await kvs.stop();
  }
});

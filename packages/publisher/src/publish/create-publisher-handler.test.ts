import { expect, test } from '@jest/globals';
import type { EdgePublisher } from '../edge/create-edge-publisher.ts';
import { createPublisherHandler, type PublisherLine } from './create-publisher-handler.ts';
import type { ObjectStore } from '../store/object-store.ts';

function arrange(publishEdge: EdgePublisher['publish'], put: ObjectStore['put'] = async () => 'written') {
  const asked: string[] = [];
  const lines: PublisherLine[] = [];
  const notices: string[] = [];
  const edge: EdgePublisher = {
    stages: ['prod', 'staging'],
    publish(stage) {
      asked.push(stage);
      return publishEdge(stage);
    },
  };
  const handle = createPublisherHandler({
    source: { name: 'table', load: async () => ({ revision: '1', endpoints: [] }) },
    store: { get: async () => undefined, put },
    listStages: async () => ['prod', 'dev'],
    edge,
    announce: async (stage, revision) => {
      notices.push(`${stage} ${revision}`);
      if (stage === 'mute') throw new Error('no AppSync');
    },
    log: (line) => void lines.push(line),
  });
  return { handle, asked, lines, notices };
}
const inStep = async (stage: string) => ({
  edge: stage,
  put: 1,
  removed: 0,
  skipped: [{ service: 'job', reason: 'an ARN' }],
});
const batch = (...stages: string[]) => ({
  Records: stages.map((stage, index) => ({
    dynamodb: { SequenceNumber: `${index + 1}`, Keys: { stage: { S: stage } } },
  })),
});

test('the edge follows the publication of each stage that it serves, and what it leaves out is logged', async () => {
  const { handle, asked, lines } = arrange(inStep);
  await expect(handle(batch('dev', 'prod'))).resolves.toEqual({ batchItemFailures: [] });
  expect(asked).toEqual(['prod']);
  expect(lines).toMatchObject([
    { stage: 'dev', full: 'written' },
    { stage: 'prod', full: 'written' },
    { edge: 'prod', skipped: [{ service: 'job', reason: 'an ARN' }] },
  ]);
  await handle({ source: 'aws.events' });
  expect(asked).toEqual(['prod', 'prod']);
});

test('an edge that fails gives the batch back from that stage on, after every other stage was tried', async () => {
  const { handle, asked, lines } = arrange((stage) =>
    stage === 'prod' ? Promise.reject(new Error('The store fails')) : inStep(stage),
  );
  await expect(handle(batch('prod', 'dev', 'staging'))).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: '1' }],
  });
  expect(asked).toEqual(['prod', 'staging']);
  expect(lines).toContainEqual({ stage: 'prod', failed: 'Error: The store fails' });
  await expect(handle({ stages: ['prod'] })).rejects.toThrow('The store fails');
});

test('the edge never has what could not be published', async () => {
  const { handle, asked } = arrange(inStep, () => Promise.reject(new Error('The bucket fails')));
  await expect(handle(batch('prod'))).resolves.toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  expect(asked).toEqual([]);
});

test('subscribers are notified after publication and edge, and a notice that fails gives nothing back', async () => {
  const { handle, lines, notices } = arrange(inStep);
  await expect(handle(batch('prod', 'mute'))).resolves.toEqual({ batchItemFailures: [] });
  expect(notices).toEqual(['prod 1', 'mute 1']);
  expect(lines.at(-1)).toEqual({ stage: 'mute', failed: 'The notice: Error: no AppSync' });
});

test('a stage that could not be published is not announced', async () => {
  const { handle, notices } = arrange(inStep, async () => {
    throw new Error('no bucket');
  });
  await handle(batch('prod'));
  expect(notices).toEqual([]);
});

test('a replica that fails holds up no change of the stream, and fails the check of all stages', async () => {
  const lines: PublisherLine[] = [];
  const written: string[] = [];
  const handle = createPublisherHandler({
    source: { name: 'table', load: async () => ({ revision: '1', endpoints: [] }) },
    store: { get: async () => ({ bytes: new Uint8Array([1]), etag: '1' }), put: async () => 'written' },
    listStages: async () => ['prod'],
    replicas: [
      {
        name: 'us-east-1',
        store: { get: () => Promise.reject(new Error('The region is away')), put: async () => 'written' },
      },
      {
        name: 'eu-central-1',
        store: {
          get: async () => undefined,
          async put(key) {
            written.push(key);
            return 'written';
          },
        },
      },
    ],
    log: (line) => void lines.push(line),
  });
  await expect(handle(batch('prod'))).resolves.toEqual({ batchItemFailures: [] });
  expect(lines).toEqual([
    expect.objectContaining({ stage: 'prod', full: 'written' }),
    { stage: 'prod', failed: 'The replica in us-east-1: Error: The region is away' },
    { stage: 'prod', replica: 'eu-central-1', replicated: 'written' },
  ]);
  expect(written).toEqual(['prod.json', 'prod.public.json']);
  await expect(handle({ source: 'aws.events' })).rejects.toThrow('The region is away');
});

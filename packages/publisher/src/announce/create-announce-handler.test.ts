import { expect, test } from '@jest/globals';
import type { Source } from '@amplify-discovery/core';
import { createAnnounceHandler, type AnnouncementLine } from './create-announce-handler.ts';

const record = (stage: string) => ({ dynamodb: { SequenceNumber: '1', Keys: { stage: { S: stage } } } });

function arrange(fails: (stage: string) => boolean = () => false) {
  const asked: unknown[] = [];
  const announced: string[] = [];
  const lines: AnnouncementLine[] = [];
  let revision = 1;
  const source: Source = {
    name: 'registry',
    async load({ stage, services }) {
      asked.push([stage, services]);
      if (fails(stage)) throw new Error('The registry is down');
      return { revision: String(revision), endpoints: [] };
    },
  };
  const handle = createAnnounceHandler({
    source,
    announce: async (stage, found) => void announced.push(`${stage} ${found}`),
    log: (line) => lines.push(line),
  });
  return { asked, announced, lines, handle, change: () => revision++ };
}

test('each stage of a batch is announced once, by its revision, which is read without endpoints', async () => {
  const { handle, asked, announced, lines } = arrange();
  await handle({ Records: ['dev', 'prod', 'dev', 'dev#head', '#rules'].map(record) });
  expect(asked).toEqual([
    ['dev', []],
    ['prod', []],
  ]);
  expect(announced).toEqual(['dev 1', 'prod 1']);
  expect(lines).toEqual([
    { stage: 'dev', announced: '1' },
    { stage: 'prod', announced: '1' },
  ]);
});

test('a stage that fails fails the batch after the others were announced, which the repetition passes over', async () => {
  let isDown = true;
  const { handle, announced, lines, change } = arrange((stage) => isDown && stage === 'dev');
  const batch = { Records: ['dev', 'prod'].map(record) };
  await expect(handle(batch)).rejects.toThrow('The registry is down');
  expect(announced).toEqual(['prod 1']);
  expect(lines[0]).toEqual({ stage: 'dev', failed: 'Error: The registry is down' });
  isDown = false;
  await handle(batch);
  expect(announced).toEqual(['prod 1', 'dev 1']);
  change();
  await handle(batch);
  expect(announced.slice(2)).toEqual(['dev 2', 'prod 2']);
});

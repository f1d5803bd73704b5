import { expect, test } from '@jest/globals';
import { findChangedStages } from './find-changed-stages.ts';

const record = (stage: string, SequenceNumber: string) => ({
  dynamodb: { SequenceNumber, Keys: { stage: { S: stage } } },
});

test('each stage comes once, with its first record; heads, rules and what is malformed are passed over', () => {
  const records = [
    record('dev', '1'),
    record('dev#head', '2'),
    record('#rules', '3'),
    record('pr-1', '4'),
    record('dev', '5'),
    record('toString', '6'),
    {},
    { dynamodb: { Keys: { stage: { N: '5' } } } },
  ];
  expect([...findChangedStages(records)]).toEqual([
    ['dev', '1'],
    ['pr-1', '4'],
    ['toString', '6'],
  ]);
});

import { expect, test } from '@jest/globals';
import type { DynamoItem } from './dynamo-item.ts';
import { planEntry } from './plan-entry.ts';

const row: DynamoItem = {
  target: { S: 'https://users.example.com' },
  owner: { S: 'ann' },
  actor: { S: 'arn:aws:iam::111122223333:user/ann' },
  token: { S: '1.2' },
  registeredAt: { S: '2026-03-01T12:00:00Z' },
};
const restoredBy = {
  M: { actor: { S: 'arn:aws:iam::111122223333:user/operator' }, at: { S: '2026-03-02T12:00:00Z' } },
};
const plan = (OldImage: DynamoItem | undefined, NewImage: DynamoItem) =>
  planEntry({
    eventName: OldImage ? 'MODIFY' : 'INSERT',
    dynamodb: {
      ApproximateCreationDateTime: 1_772_366_400,
      SequenceNumber: '1',
      Keys: { stage: { S: 'dev' }, key: { S: 'users#default' } },
      NewImage,
      ...(OldImage && { OldImage }),
    },
  });

test('what was restored is logged with who restored it, not with who had written it', () => {
  expect(plan(undefined, { ...row, restoredBy })).toMatchObject({
    change: 'restored',
    actor: 'arn:aws:iam::111122223333:user/operator',
    owner: 'ann',
  });
});

test('a later change of a restored record is its writer\u2019s', () => {
  const override = { M: { weight: { N: '0' } } };
  const changed = { ...row, restoredBy, override, token: { S: '3.4' } };
  expect(plan({ ...row, restoredBy }, changed)).toMatchObject({
    change: 'overridden',
    actor: 'arn:aws:iam::111122223333:user/ann',
  });
});

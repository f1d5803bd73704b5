import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { readAudit, type AuditEntry, type DynamoItem, type StreamRecord } from '@amplify-discovery/registry/audit';
import { bundleHandler, startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { createS3AuditStore } from '../src/audit/create-s3-audit-store.ts';

jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
let s3: TinyS3;
let runtime: LambdaRuntime;
let bucket: string;
let count = 0;

beforeAll(async () => {
  s3 = await startTinyS3();
  runtime = await startLambdaRuntime({
    handlerFile: bundleHandler({ entry: 'packages/publisher/src/audit/main.ts', format: 'cjs', folder }),
    timeoutMs: 20_000,
    env: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL_S3: s3.url,
      DISCOVERY_AUDIT_BUCKET: 'b',
      DISCOVERY_AUDIT_PREFIX: 'log/',
    },
  });
});
afterAll(async () => {
  await runtime.stop();
  await s3.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  // A service of its own for each test.
  count += 1;
  bucket = `users-${count}`;
});

const seconds = Date.parse('2026-03-01T12:00:00Z') / 1000;
const makeRow = (target: string): DynamoItem => ({
  stage: { S: 'dev' },
  key: { S: `${bucket}#default` },
  target: { S: target },
  owner: { S: 'ann' },
  actor: { S: 'arn:aws:iam::111122223333:user/ann' },
  registeredAt: { S: '2026-03-01T12:00:00Z' },
  token: { S: `${target.length}.secret` },
  requestIds: { L: [] },
});
const makeRecord = (sequence: number, rows: Pick<NonNullable<StreamRecord['dynamodb']>, 'OldImage' | 'NewImage'>) => ({
  eventName: 'MODIFY',
  eventSource: 'aws:dynamodb',
  dynamodb: {
    ApproximateCreationDateTime: seconds + sequence,
    SequenceNumber: String(sequence),
    Keys: { stage: { S: 'dev' }, key: { S: `${bucket}#default` } },
    ...rows,
  },
});
const one = () => makeRow('https://one.example.com');
const other = () => makeRow('https://other.example.com');

async function readLog(): Promise<readonly AuditEntry[]> {
  const store = createS3AuditStore({
    bucket: 'b',
    prefix: 'log/',
    region: 'eu-west-1',
    credentials: async () => credentials,
    endpoint: s3.url,
  });
  const entries: AuditEntry[] = [];
  const includes = (subject: object) => 'service' in subject && subject.service === bucket;
  for await (const entry of readAudit(store, { since: 0, until: seconds * 1000 + 86_400_000, includes }))
    entries.push(entry);
  return entries;
}
const writes = () => s3.requests.filter((line) => line.startsWith('PUT') && line.includes(`/${bucket}/`));

test('a batch becomes an object for each change, with its key by date and sequence, and without tokens', async () => {
  const Records = [
    makeRecord(1, { NewImage: one() }),
    makeRecord(2, { OldImage: one(), NewImage: other() }),
    makeRecord(3, { OldImage: other(), NewImage: { ...other(), requestIds: { L: [{ S: 'r' }] } } }),
  ];
  await expect(runtime.invoke({ Records })).resolves.toMatchObject({ value: { batchItemFailures: [] } });
  const entries = await readLog();
  expect(entries.map(({ change, before, after }) => [change, before?.['target'], after?.['target']])).toEqual([
    ['registered', undefined, 'https://one.example.com'],
    ['updated', 'https://one.example.com', 'https://other.example.com'],
  ]);
  expect(JSON.stringify(entries)).not.toContain('secret');
  expect(writes()[0]).toBe(`PUT /b/log/2026/03/01/120001-${'1'.padStart(40, '0')}/dev/${bucket}/default.json 200`);
});

test('a batch that is delivered again, or in other pieces, writes nothing over what is there', async () => {
  const Records = [makeRecord(1, { NewImage: one() }), makeRecord(2, { OldImage: one(), NewImage: other() })];
  await runtime.invoke({ Records });
  const before = await readLog();
  for (const again of [Records, Records.slice(1)])
    await expect(runtime.invoke({ Records: again })).resolves.toMatchObject({ value: { batchItemFailures: [] } });
  expect(await readLog()).toEqual(before);
  expect(writes().filter((line) => line.endsWith(' 200'))).toHaveLength(2);
  expect(writes().filter((line) => line.endsWith(' 412'))).toHaveLength(3);
});

test('what can not be written is given back from its record on, and is there once the bucket answers', async () => {
  const Records = [makeRecord(1, { NewImage: one() }), makeRecord(2, { OldImage: one(), NewImage: other() })];
  await runtime.invoke({ Records: Records.slice(0, 1) });
  s3.beforeWrite = async (path) => {
    if (path.includes('120002-')) throw new Error('the connection is cut');
  };
  await expect(runtime.invoke({ Records })).resolves.toMatchObject({
    value: { batchItemFailures: [{ itemIdentifier: '2' }] },
  });
  s3.beforeWrite = undefined;
  await runtime.invoke({ Records });
  expect(await readLog()).toHaveLength(2);
});

test('a bucket that takes nothing fails the invocation, which alarms watch', async () => {
  const Records = [makeRecord(1, { NewImage: one() })];
  s3.failWith(403);
  const outcome = await runtime.invoke({ Records });
  s3.failWith(undefined);
  expect(JSON.stringify(outcome)).toMatch(/s3:\/\/b: HTTP 403 AccessDenied/);
  await runtime.invoke({ Records });
  expect(await readLog()).toHaveLength(1);
});

test('DynamoDB\u2019s removal of what has expired is told from a deletion past the API', async () => {
  const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
  const removal = { ...makeRecord(2, { OldImage: one() }), eventName: 'REMOVE' };
  await runtime.invoke({ Records: [makeRecord(1, { NewImage: one() }), { ...removal, userIdentity }] });
  expect((await readLog()).at(-1)).toMatchObject({ change: 'expired', actor: 'dynamodb.amazonaws.com', owner: 'ann' });
  const later = { ...removal, dynamodb: { ...removal.dynamodb, SequenceNumber: '3' } };
  await runtime.invoke({ Records: [later] });
  expect((await readLog()).at(-1)).toMatchObject({ change: 'deleted', actor: null, owner: 'ann' });
});

test('a long log is read by pages, from its first moment to its last', async () => {
  s3.pageSize = 3;
  const Records = Array.from({ length: 10 }, (_, index) =>
    makeRecord(index + 1, { NewImage: makeRow(`https://a${index}`) }),
  );
  await runtime.invoke({ Records });
  expect((await readLog()).map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  s3.pageSize = 1000;
});

test('settings that are wrong fail every invocation with the name of the variable', async () => {
  const misspelt = await startLambdaRuntime({
    handlerFile: join(folder, 'main.cjs'),
    env: { AWS_REGION: 'eu-west-1', DISCOVERY_AUDIT_BUKCET: 'b' },
  });
  try {
    for (const attempt of [1, 2])
      expect([attempt, JSON.stringify(await misspelt.invoke({ Records: [] }))]).toEqual([
        attempt,
        expect.stringMatching(/DISCOVERY_AUDIT_BUCKET: is missing; DISCOVERY_AUDIT_BUKCET: is not a known setting/),
      ]);
  } finally {
    await misspelt.stop();
  }
});

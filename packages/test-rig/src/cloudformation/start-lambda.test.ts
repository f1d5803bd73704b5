import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { startLambda, type Lambda, type LambdaOptions } from './start-lambda.ts';

jest.setTimeout(30_000);

const code = `
let calls = 0;
exports.handler = async (event, context) => {
  if (event.hang) return new Promise(() => setInterval(() => {}, 1000));
  if (event.exit) process.exit(1);
  if (event.throw) throw new Error('a defect');
  calls += 1;
  console.log(JSON.stringify({ calls, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis(), environment: process.env }));
};`;

let folder = '';
let lambda: Lambda;

function start(options: Partial<LambdaOptions> = {}): void {
  folder = mkdtempSync(join(tmpdir(), 'lambda-'));
  writeFileSync(join(folder, 'index.js'), code);
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
  lambda = startLambda({ folder, environment: { MINE: 'yes' }, ...options });
}

afterEach(async () => {
  await lambda.stop();
  rmSync(folder, { recursive: true });
});

test('runs the handler with its own environment and context, and keeps the process for the next call', async () => {
  start();
  process.env.NOT_FOR_LAMBDA = 'secret';
  expect(await lambda.invoke({}, 'arn:one')).toEqual({ end: 'returned' });
  expect(await lambda.invoke({}, 'arn:two')).toEqual({ end: 'returned' });
  delete process.env.NOT_FOR_LAMBDA;
  const seen = lambda.log
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>);
  expect(seen).toMatchObject([
    { calls: 1, arn: 'arn:one' },
    { calls: 2, arn: 'arn:two' },
  ]);
  expect(seen[0]?.left).toBeLessThanOrEqual(30_000);
  expect(seen[0]?.environment).toMatchObject({ MINE: 'yes', AWS_REGION: 'eu-west-1' });
  expect(seen[0]?.environment).not.toHaveProperty('NOT_FOR_LAMBDA');
  expect(lambda.processIds).toHaveLength(1);
});

test('tells what the handler threw', async () => {
  start();
  expect(await lambda.invoke({ throw: true }, 'arn')).toEqual({ end: 'threw', message: 'a defect' });
});

test('kills a call whose time is up, and survives a process that dies', async () => {
  start({ timeoutMs: 500 });
  expect(await lambda.invoke({ hang: true }, 'arn')).toEqual({ end: 'killed' });
  expect(await lambda.invoke({ exit: true }, 'arn')).toEqual({ end: 'killed' });
  expect(lambda.processIds).toEqual([]);
});

test('runs calls at the same time in processes of their own, which end with it', async () => {
  start();
  await Promise.all([lambda.invoke({}, 'arn'), lambda.invoke({}, 'arn')]);
  const ids = [...lambda.processIds];
  expect(new Set(ids).size).toBe(2);
  await lambda.stop();
  for (const id of ids) expect(() => process.kill(id, 0)).toThrow('ESRCH');
});

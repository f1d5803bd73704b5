import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Buckets } from './buckets.ts';
import type { Check } from './checks.ts';
import { countResults, formatReport } from './format-report.ts';
import { removeEverything, runVerification, type CheckResult } from './run-verification.ts';
import type { Stacks } from './stacks.ts';

const assets = mkdtempSync(join(tmpdir(), 'verify-'));
for (const file of ['registrar.zip', 'publisher.zip', 'registry.template.json'])
  writeFileSync(join(assets, file), '{}');
afterAll(() => rmSync(assets, { recursive: true }));

const outputs = Object.fromEntries(
  ['Url', 'ApiKey', 'ServiceToken', 'RegistrarName', 'RenewalName', 'SnapshotUrl', 'PublicSnapshotUrl', 'TrustedKeys']
    .concat(['UserPoolId', 'ClientId'])
    .map((name) => [`Verified${name}`, 'https://registry.example/graphql']),
);

interface Faults {
  readonly deploy?: string;
  /** How often the registry's stack can't be deleted. */
  readonly remove?: number;
}

/** An account in memory, with what was asked of it. */
function makeAccount({ deploy = 'CREATE_COMPLETE', remove = 0 }: Faults = {}) {
  const there = new Map<string, string>();
  const buckets = new Map<string, number>();
  const log: string[] = [];
  let refusals = remove;
  const end = (status: string) => ({
    status,
    id: '',
    reason: status === 'CREATE_COMPLETE' ? '' : 'as asked',
    outputs: { ...outputs, VerifiedBucketName: 'snapshots' },
  });
  const stacks: Stacks = {
    async deploy(name) {
      log.push(`deploy ${name}`);
      there.set(name, deploy);
      buckets.set('snapshots', 3);
      return end(deploy);
    },
    async remove(name) {
      log.push(`remove ${name}`);
      if (name.endsWith('-registry') && refusals > 0) {
        refusals -= 1;
        return end('DELETE_FAILED');
      }
      there.delete(name);
      return end('gone');
    },
    describe: async (name) => end(there.get(name) ?? 'gone'),
    list: async (prefix) => [...there.keys()].filter((name) => name.startsWith(prefix)),
  };
  const s3: Buckets = {
    create: async (bucket) => void buckets.set(bucket, 0),
    put: async (bucket) => void buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1),
    async empty(bucket) {
      log.push(`empty ${bucket}`);
      if (buckets.has(bucket)) buckets.set(bucket, 0);
    },
    async remove(bucket) {
      if (buckets.get(bucket) !== 0) throw new Error('it is not empty');
      buckets.delete(bucket);
    },
    exists: async (bucket) => buckets.has(bucket),
  };
  return { stacks, buckets: s3, there, contents: buckets, log };
}

const passing: Check = { name: 'passes', run: async () => 'a remark' };
const failing: Check = { name: 'fails', run: () => Promise.reject(new Error('this was found')) };
const needing: Check = { name: 'needs AWS', needsAws: 'the emulator has none', run: async () => undefined };

async function run(
  checks: readonly Check[],
  { account = makeAccount(), endpoint = undefined as string | undefined, signal = new AbortController().signal } = {},
) {
  let time = 0;
  const results = await runVerification({
    checks,
    assets,
    endpoint,
    signal,
    name: 'discovery-verify-00000000',
    region: 'eu-west-1',
    stacks: account.stacks,
    buckets: account.buckets,
    credentials: async () => ({ accessKeyId: 'a', secretAccessKey: 's' }),
    fetch: () => Promise.reject(new Error('no network')),
    findWebSocket: async () => undefined,
    now: () => (time += 1000),
    sleep: async () => undefined,
    note: () => undefined,
    report: () => undefined,
    limitMs: 100_000,
  });
  return { results, outcomes: results.map(({ name, outcome }) => [name, outcome]), account };
}

describe('a run', () => {
  test('goes on after a check that failed, and removes everything', async () => {
    const { outcomes, results, account } = await run([failing, passing]);
    expect(outcomes).toEqual([
      ['a registry with its registrar, publisher and user pool deploys', 'passed'],
      ['fails', 'failed'],
      ['passes', 'passed'],
      ['everything is removed', 'passed'],
    ]);
    expect(results.map(({ detail }) => detail)).toEqual(['', 'this was found', 'a remark', '']);
    expect([account.there.size, [...account.contents.keys()]]).toEqual([0, ['snapshots']]);
  });

  test('checks on an emulator what that can show, and says why not the rest', async () => {
    const { results } = await run([needing], { endpoint: 'http://127.0.0.1:1' });
    expect(results[1]).toMatchObject({ outcome: 'not checked', detail: 'the emulator has none' });
    expect((await run([needing])).outcomes[1]).toEqual(['needs AWS', 'passed']);
  });

  test('whose registry does not deploy checks nothing, and removes what there is', async () => {
    const account = makeAccount({ deploy: 'ROLLBACK_COMPLETE' });
    const { outcomes, results } = await run([passing], { account });
    expect(outcomes.slice(0, 2)).toEqual([
      ['a registry with its registrar, publisher and user pool deploys', 'failed'],
      ['passes', 'not checked'],
    ]);
    expect(results[0]?.detail).toBe('the stack ended as ROLLBACK_COMPLETE. as asked');
    expect(account.there.size).toBe(0);
  });

  test('that is interrupted in a check begins no other, and removes everything', async () => {
    const interrupt = new AbortController();
    const account = makeAccount();
    const interrupting: Check = {
      name: 'is interrupted',
      run() {
        interrupt.abort(new Error('interrupted'));
        return Promise.reject(new Error('broken off'));
      },
    };
    const { outcomes } = await run([interrupting, passing], { account, signal: interrupt.signal });
    expect(outcomes.slice(1)).toEqual([
      ['is interrupted', 'not checked'],
      ['passes', 'not checked'],
      ['everything is removed', 'passed'],
    ]);
    expect(account.there.size).toBe(0);
  });

  test('that takes too long begins no other check', async () => {
    const many = Array.from({ length: 60 }, () => passing);
    const { results } = await run(many);
    expect(results.at(-2)).toMatchObject({ outcome: 'not checked', detail: 'the time of 2 minutes was up' });
    expect(results.at(-1)).toMatchObject({ name: 'everything is removed', outcome: 'passed' });
  });
});

describe('removing', () => {
  test('takes services before the registry that they are registered in, after emptying its bucket', async () => {
    const account = makeAccount();
    for (const stack of ['registry', 'users', 'orders'])
      account.there.set(`discovery-verify-1-${stack}`, 'CREATE_COMPLETE');
    expect(await removeEverything('discovery-verify-1', account)).toEqual([]);
    expect(account.log.filter((line) => line.startsWith('remove'))).toEqual([
      'remove discovery-verify-1-users',
      'remove discovery-verify-1-orders',
      'remove discovery-verify-1-registry',
    ]);
  });

  test('tries again where the publisher has written once more, and says what is left after that', async () => {
    const account = makeAccount({ remove: 1 });
    account.there.set('discovery-verify-1-registry', 'CREATE_COMPLETE');
    expect(await removeEverything('discovery-verify-1', account)).toEqual([]);
    const stuck = makeAccount({ remove: 9 });
    stuck.there.set('discovery-verify-1-registry', 'CREATE_COMPLETE');
    expect(await removeEverything('discovery-verify-1', stuck)).toEqual(['stack discovery-verify-1-registry']);
  });
});

test('the report has what failed first, and names each check that was not run', () => {
  const results: CheckResult[] = [
    { name: 'one', outcome: 'passed', detail: 'a remark', seconds: 2 },
    { name: 'two', outcome: 'failed', detail: 'found', seconds: 0 },
    { name: 'three', outcome: 'not checked', detail: 'interrupted', seconds: 0 },
  ];
  const text = formatReport({
    name: 'discovery-verify-1',
    region: 'eu-west-1',
    endpoint: undefined,
    version: '1.0.0',
    results,
    startedAt: Date.UTC(2026, 0, 1),
    endedAt: Date.UTC(2026, 0, 1, 0, 12, 30),
  });
  expect(text).toContain('2026-01-01T00:00:00.000Z, 12.5 minutes, in an AWS account, eu-west-1');
  expect(text.match(/^(## .*|- .*)$/gm)).toEqual([
    '## Failed',
    '- two: found',
    '## Not checked',
    '- three: interrupted',
    '## Passed',
    '- one (2 s): a remark',
  ]);
  expect(countResults(results)).toBe('1 passed, 1 failed, 1 not checked');
});

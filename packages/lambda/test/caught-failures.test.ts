import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { bundleHandler } from '@amplify-discovery/test-rig/lambda-runtime';

jest.setTimeout(30_000);

test('a failure that the app catches goes nowhere else: in a bare Node process nothing stays unhandled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'caught-'));
  try {
    const file = bundleHandler({ entry: 'packages/lambda/test/fixtures/failing-calls.ts', format: 'esm', folder });
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { PATH: process.env.PATH } });
    const { outcomes, unhandled } = JSON.parse(stdout) as { outcomes: Record<string, string>; unhandled: string[] };
    expect(unhandled).toEqual([]);
    expect(Object.keys(outcomes)).toHaveLength(15);
    const ownFailures = Object.values(outcomes).filter((message) => message === 'the handler’s own');
    expect(ownFailures).toHaveLength(12);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

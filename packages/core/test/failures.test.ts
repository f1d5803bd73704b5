import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';

/** What a bare Node prints that runs the script. It fails when the script does, or leaves a rejection without a handler. */
function runInNode(script: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '--unhandled-rejections=strict', '-'], {
    encoding: 'utf8',
    input: script,
    stdio: 'pipe',
  });
}

test('every failure reaches those who wait for it, and leaves no unhandled rejection', () => {
  const { outputFiles } = buildSync({
    entryPoints: ['packages/core/test/fail-in-every-way.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  expect(Number(runInNode(outputFiles[0]?.text ?? ''))).toBeGreaterThan(100);
});

test('an unhandled rejection would have been noticed', () => {
  expect(() => runInNode('void Promise.reject(new Error("nobody handles this"))')).toThrow('nobody handles this');
});

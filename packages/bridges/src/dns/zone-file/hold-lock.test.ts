import { spawnSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { holdLock } from './hold-lock.ts';

const { signal } = new AbortController();
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hold-lock-'));
  file = join(folder, 'zone');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Of a process that has ended. */
const { pid: dead } = spawnSync(process.execPath, ['--version']);

test('of many that find the lock of a process that has died, one at a time holds it', async () => {
  for (let round = 0; round < 40; round++) {
    writeFileSync(`${file}.lock`, String(dead));
    const ending = new AbortController();
    setMaxListeners(100, ending.signal);
    let holders = 0;
    let most = 0;
    const attempts = Array.from({ length: 20 }, () =>
      holdLock(file, ending.signal, async () => {
        most = Math.max(most, (holders += 1));
        // Others have time to come in.
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        await stat(file).catch(() => {});
        ending.abort();
        holders -= 1;
      }),
    );
    await Promise.allSettled(attempts);
    expect([most, readdirSync(folder)]).toEqual([1, []]);
  }
});

test('a process that has died while it removed the lock of another leaves nothing in the way', async () => {
  writeFileSync(`${file}.lock`, String(dead));
  writeFileSync(`${file}.lock.${dead}.lock`, String(dead));
  expect(await holdLock(file, signal, async () => 'done')).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

test('who waits for a process that lives gives up when the signal aborts, and leaves its lock alone', async () => {
  const ending = new AbortController();
  const lock = `${file}.lock`;
  writeFileSync(lock, String(process.pid));
  const waiting = holdLock(file, ending.signal, async () => 'done');
  ending.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(readdirSync(folder)).toEqual(['zone.lock']);
});

test('the lock is given back when the task fails', async () => {
  await expect(holdLock(file, signal, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
  expect(readdirSync(folder)).toEqual([]);
});

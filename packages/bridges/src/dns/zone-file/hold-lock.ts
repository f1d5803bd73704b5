import { randomUUID } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { pause, raceAbort } from '@amplify-discovery/core';

/** Until another process has written, in milliseconds. */
const lockMs = 5000;

/**
 * Does the task alone among the processes of this machine that change the file. A process that has died holds no lock: its lock
 * is removed under a lock on just that, because of two that find it, the second would remove the one that the first has taken.
 */
export async function holdLock<T>(file: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  const own = `${lock}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    for (let waitedMs = 0; ; waitedMs += 20) {
      const isMine = await link(own, lock).then(
        () => true,
        (error: { code?: string }) => (error.code === 'EEXIST' ? false : Promise.reject(error)),
      );
      if (isMine) break;
      const holder = await readHolder(lock);
      if (holder !== undefined && !isAlive(Number(holder))) {
        await holdLock(`${lock}.${holder}`, signal, async () => {
          if ((await readHolder(lock)) === holder) await unlink(lock);
        });
      } else if (waitedMs >= lockMs) throw new Error(`the process ${holder ?? 'of another bridge'} holds ${lock}`);
      else await raceAbort(pause(20, signal), signal);
    }
    try {
      return await task();
    } finally {
      await unlink(lock);
    }
  } finally {
    await unlink(own);
  }
}

/** The process's id; undefined when the lock has been given back meanwhile. */
async function readHolder(lock: string): Promise<string | undefined> {
  try {
    return await readFile(lock, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

import { isDiscoveryError } from '@amplify-discovery/core';

const attempts = 10;

/**
 * Starts something on the port, or on the first of the next nine that is free.
 *
 * @throws what `start` throws; for a taken port only when all ten are.
 */
export async function startOnFreePort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  for (let next = port; ; next++) {
    try {
      return await start(next);
    } catch (error) {
      if (!isTaken(error) || next + 1 >= port + attempts) throw error;
    }
  }
}

function isTaken(error: unknown): boolean {
  return isDiscoveryError(error) && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
}

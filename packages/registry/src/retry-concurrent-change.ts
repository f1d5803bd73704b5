import { isDiscoveryError } from '@amplify-discovery/core';

export interface RetryOptions {
  /** How often the operation is tried in all. @default 5 */
  readonly attempts?: number;
  /** @default Math.random */
  readonly random?: () => number;
  /** @default setTimeout */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/**
 * The result of a registry write, tried again while it fails with `ConcurrentChange`, each time after a
 * random pause of up to 50 ms, 100 ms, 200 ms … Not for writes that carry a `token`: theirs stays refused.
 *
 * @example
 * ```ts
 * await retryConcurrentChange(() => registerEndpoint(transport, input));
 * ```
 */
export async function retryConcurrentChange<T>(operation: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = 5, random = Math.random, sleep = pause } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt >= attempts || !isDiscoveryError(error) || error.code !== 'ConcurrentChange') throw error;
      await sleep(random() * 50 * 2 ** (attempt - 1));
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

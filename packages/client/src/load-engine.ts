import type * as engineModule from './engine.ts';

let engine: typeof engineModule | undefined;

/** What resolves and sends, loaded when it is first needed, so that it is no part of what an app loads before its first paint. */
export async function loadEngine(): Promise<typeof engineModule> {
  // Imported again after a failure: a chunk that could not be fetched may be there the next time.
  return (engine ??= await import('./engine.ts'));
}

/** The same without waiting, once it is loaded. */
export function findEngine(): typeof engineModule | undefined {
  return engine;
}

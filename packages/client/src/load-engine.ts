import type * as engineModule from './engine.ts';

let engine: typeof engineModule | undefined;
let loading: Promise<typeof engineModule> | undefined;

/** What resolves and sends, loaded when it is first needed, so that it is no part of what an app loads before its first paint. */
export function loadEngine(): Promise<typeof engineModule> {
  loading ??= import('./engine.ts').then(
    (loaded) => (engine = loaded),
    (error: unknown) => {
      // A chunk that could not be fetched may be there the next time.
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** The same without waiting, once it is loaded. */
export function findEngine(): typeof engineModule | undefined {
  return engine;
}

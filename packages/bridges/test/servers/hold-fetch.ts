export interface HeldFetch {
  readonly fetch: typeof globalThis.fetch;
  /** Makes requests wait from now on. Returns the way to let them go on. */
  hold(): () => void;
}

/** A fetch whose requests can be made to wait, for tests of what happens meanwhile. */
export function holdFetch(fetch: typeof globalThis.fetch = globalThis.fetch): HeldFetch {
  let gate: Promise<void> | undefined;
  return {
    fetch: async (...args) => {
      await gate;
      return fetch(...args);
    },
    hold: () => {
      let release = () => {};
      gate = new Promise((resolve) => (release = resolve));
      return () => {
        gate = undefined;
        release();
      };
    },
  };
}

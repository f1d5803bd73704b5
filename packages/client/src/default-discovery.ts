import type { Discovery } from './create-discovery.ts';

/** How long a call may wait for `discover` to be called at all. */
const patienceMs = 10_000;

let announce: (discovery: Promise<Discovery>) => void;
let current = new Promise<Discovery>((resolve) => {
  announce = resolve;
});
let isAnnounced = false;

/** Makes this the discovery that verbs without a context of their own use, also those already waiting. */
export function setDefaultDiscovery(discovery: Promise<Discovery>): void {
  // Whoever waits hears of a failure; where nobody does, `discover` itself has told.
  discovery.catch(() => {});
  announce(discovery);
  isAnnounced = true;
  current = discovery;
}

/**
 * The discovery of the app's `discover` call, which may still be under way.
 *
 * @throws DiscoveryError what `discover` rejected with; `InvalidOptions` when it isn't called within ten seconds.
 *
 * @example
 * ```ts
 * console.table((await getDiscovery()).inspect());
 * ```
 */
export function getDiscovery(): Promise<Discovery> {
  if (isAnnounced) return current;
  let timer: ReturnType<typeof setTimeout>;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  }).then(async () => {
    const { DiscoveryError } = await import('@amplify-discovery/core');
    throw new DiscoveryError('InvalidOptions', 'discover() was not called');
  });
  return Promise.race([current, patience]).finally(() => clearTimeout(timer));
}

import { amplifyParts } from './amplify-parts.ts';
import type { Discovery, DiscoveryOptions } from './discovery.ts';
import { assembleDiscovery, replaceAssembly } from './engine.ts';

/** Makes the discovery that takes the place of the app's, with the real way to make one. */
export type ReplaceDiscovery = (
  options: DiscoveryOptions,
  assemble: (options: DiscoveryOptions) => Discovery,
) => Discovery;

/**
 * Puts another discovery in the place of the app's, for tests: it serves calls from now on, and it is made anew whenever the app calls
 * `discover`, with the options of that call. @amplify-discovery/testing is built on it.
 */
export function replaceDiscovery(replace: ReplaceDiscovery, explainMissing: () => Error): void {
  replaceAssembly(amplifyParts, explainMissing, (amplify, options) =>
    replace(options, (own) => assembleDiscovery(amplify, own)),
  );
}

/** Forgets the app's discovery and what took its place. A call before the next `discover` fails at once with this. */
export function forgetDiscovery(explainMissing: () => Error): void {
  replaceAssembly(amplifyParts, explainMissing, undefined);
}

export type { Discovery, DiscoveryOptions } from './discovery.ts';

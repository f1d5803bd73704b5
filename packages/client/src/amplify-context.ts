import { DiscoveryError } from '@amplify-discovery/core';
import type { AmplifyContext, createAmplifyContext } from 'aws-amplify';
import type { AmplifyParts } from './amplify-parts.ts';

type ContextInput = Parameters<typeof createAmplifyContext>;

/** Amplify's global context, once Amplify is configured. */
export function findGlobalContext({ getContext, hasContext }: AmplifyParts): AmplifyContext | undefined {
  return hasContext?.() ? getContext?.() : undefined;
}

/** Amplify's global context, or one of the app's own configuration while Amplify is not configured yet. */
export function getAmplifyContext(
  amplify: AmplifyParts,
  config: ContextInput[0] = {},
  libraryOptions?: ContextInput[1],
): AmplifyContext {
  if (!amplify.createContext) {
    throw new DiscoveryError('InvalidOptions', 'This needs aws-amplify 6.22 or newer');
  }
  return findGlobalContext(amplify) ?? amplify.createContext(config, libraryOptions);
}

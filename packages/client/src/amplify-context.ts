import { DiscoveryError } from '@amplify-discovery/core';
// Namespaces, not names: Amplify before 6.22 has no contexts, and an import of a missing name would break the app's bundle.
import * as amplifyCore from '@aws-amplify/core';
import * as amplify from 'aws-amplify';
import type { AmplifyContext } from 'aws-amplify';

type ContextInput = Parameters<typeof amplify.createAmplifyContext>;

/** Amplify's global context, once Amplify is configured. */
export function findGlobalContext(): AmplifyContext | undefined {
  // Not `hasGlobalContext?.()`, for which Rspack would take all of @aws-amplify/core into the bundle.
  const isConfigured = amplifyCore.hasGlobalContext && amplifyCore.hasGlobalContext();
  return isConfigured ? amplifyCore.getGlobalContext() : undefined;
}

/** Amplify's global context, or one of the app's own configuration while Amplify is not configured yet. */
export function getAmplifyContext(config: ContextInput[0] = {}, libraryOptions?: ContextInput[1]): AmplifyContext {
  if (!amplify.createAmplifyContext) {
    throw new DiscoveryError('InvalidOptions', 'This needs aws-amplify 6.22 or newer');
  }
  return findGlobalContext() ?? amplify.createAmplifyContext(config, libraryOptions);
}

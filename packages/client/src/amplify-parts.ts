// Namespaces, not names: Amplify before 6.22 has no contexts, and an import of a missing name would break the app's bundle.
import * as amplifyCore from '@aws-amplify/core';
import { signRequest } from '@aws-amplify/core/internals/aws-client-utils';
import * as umbrella from 'aws-amplify';
import { defaultStorage, Hub, parseAmplifyConfig } from 'aws-amplify/utils';

/**
 * What the engine needs of Amplify. It is handed over rather than imported there, because bundlers wrap every module that
 * two chunks import, which had made the start of apps larger by more than our own part of it.
 */
export interface AmplifyParts {
  readonly createContext: typeof umbrella.createAmplifyContext | undefined;
  readonly getContext: typeof amplifyCore.getGlobalContext | undefined;
  readonly hasContext: typeof amplifyCore.hasGlobalContext | undefined;
  readonly hub: typeof Hub;
  readonly parseConfig: typeof parseAmplifyConfig;
  readonly signRequest: typeof signRequest;
  readonly storage: typeof defaultStorage;
}

export const amplifyParts: AmplifyParts = {
  createContext: umbrella.createAmplifyContext,
  getContext: amplifyCore.getGlobalContext,
  hasContext: amplifyCore.hasGlobalContext,
  hub: Hub,
  parseConfig: parseAmplifyConfig,
  signRequest,
  storage: defaultStorage,
};

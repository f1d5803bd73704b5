import { checkSourceUrl } from '@amplify-discovery/core';
import { pipe, string, transform, type GenericSchema } from 'valibot';

/** Where the registry is, in the variable `DISCOVERY_REGISTRY_URL`. */
export const registryUrl: GenericSchema<string> = pipe(
  string(),
  transform((url) => checkSourceUrl(url, 'DISCOVERY_REGISTRY_URL').href),
);

import { DiscoveryError, findFieldFault } from '@amplify-discovery/core';

/**
 * The names, once each is a valid name of a stage, service, endpoint or tenant.
 *
 * @param where Where they come from: `--stage`.
 * @throws DiscoveryError `InvalidOptions`, with the rule and the name that breaks it.
 */
export function checkNames(where: string, names: readonly string[]): readonly string[] {
  for (const name of names) {
    const fault = findFieldFault('stage', name);
    if (fault !== undefined) throw new DiscoveryError('InvalidOptions', `${where} ${fault}`);
  }
  return names;
}

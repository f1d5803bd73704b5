import { DiscoveryError, findFieldFault } from '@amplify-discovery/core';

/**
 * The names, if each can be that of a stage, a service, an endpoint or a tenant.
 *
 * @param where What they come from: `--stage`.
 * @throws DiscoveryError `InvalidOptions`, with the rule and the name that breaks it.
 */
export function checkNames(where: string, names: readonly string[]): readonly string[] {
  for (const name of names) {
    const fault = findFieldFault('stage', name);
    if (fault !== undefined) throw new DiscoveryError('InvalidOptions', `${where} ${fault}`);
  }
  return names;
}

import { isDiscoveryError, parseDiscoveryConfig, type DiscoveryConfig } from '@amplify-discovery/core';
import type { IConstruct } from 'constructs';
import { isToken, replaceTokens } from './check-settings.ts';
import { refuseConstruct } from './refuse-construct.ts';

/** What stands for a value that is nothing but a token, where a name would not do. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['url', 'https://known-when-deployed.example/{stage}'],
  ['trustedKeys', '[{"kid":"1","kty":"EC","crv":"P-256","x":"x","y":"y"}]'],
]);

/**
 * Judges `custom.discovery`, or a part of it, by the code that apps read it with. What only the deployment knows is taken to
 * be good.
 *
 * @throws DiscoveryError `InvalidOptions`, with the path of what is wrong.
 */
export function checkDiscoveryConfig(scope: IConstruct, config: DiscoveryConfig): void {
  const text = JSON.stringify(config, (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    return isToken(value) ? (standIns.get(name) ?? replaceTokens(value)) : replaceTokens(value);
  });
  try {
    parseDiscoveryConfig(JSON.parse(text), '');
  } catch (error) {
    if (!isDiscoveryError(error)) throw error;
    // The options that describe a registry are named as its fields are.
    refuseConstruct(scope, error.message.replace(/^\.(registry\.)?/, ''), error);
  }
}

import type { IConstruct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

export interface ApiKeyOptions {
  /**
   * The name of the key that apps get. Another name makes another key.
   *
   * @default 'Default'
   */
  readonly name?: string | undefined;
  /**
   * Names of keys that stay valid beside it: the previous one, until every app has been built with the new one.
   *
   * @default none: AppSync forgets every other key
   */
  readonly alsoValid?: readonly string[] | undefined;
}

/** AppSync's limit for an API. */
const mostKeys = 50;

/**
 * The names of a registry's API keys, that of the apps first. CDK makes logical ids from them, so a key stays the same whether it
 * is the apps' or one beside it.
 *
 * @throws DiscoveryError `InvalidOptions` for a name that can't be part of a logical id, and for one that is there twice.
 */
export function listKeyNames(scope: IConstruct, apiKey: boolean | ApiKeyOptions): readonly string[] {
  if (apiKey === false) return [];
  const { name = 'Default', alsoValid = [] } = apiKey === true ? {} : apiKey;
  const names = [name, ...alsoValid];
  for (const [index, given] of names.entries()) {
    const option = index === 0 ? 'apiKey.name' : 'apiKey.alsoValid';
    if (!/^[A-Za-z0-9]{1,64}$/.test(given))
      refuseConstruct(scope, `${option}: "${given}" must be 1 to 64 letters and digits`);
    if (names.indexOf(given) < index) refuseConstruct(scope, `apiKey.alsoValid: "${given}" is there already`);
  }
  if (names.length > mostKeys)
    refuseConstruct(scope, `apiKey.alsoValid: ${names.length} keys are more than the ${mostKeys} that AppSync takes`);
  return names;
}

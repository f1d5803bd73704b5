import { isDiscoveryError } from '@amplify-discovery/core';
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuseConstruct } from './refuse-construct.ts';

export interface SettingsCheck {
  /** The environment of a function; values may be tokens. */
  readonly settings: Readonly<Record<string, string>>;
  /** Reads the environment in the function. Throws a DiscoveryError for what it refuses. */
  readonly read: (settings: Readonly<Record<string, string>>) => unknown;
  /** The option that each variable comes from, for the error. A variable without one holds several options, by their names. */
  readonly options: Readonly<Record<string, string>>;
  /**
   * What stands for a variable that is nothing but a token.
   *
   * @default a name
   */
  readonly standIns?: Readonly<Record<string, string>> | undefined;
}

/**
 * Judges settings by the code that will read them, so that what would fail only when it runs fails the synthesis. What only
 * the deployment knows is taken to be good.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the option.
 */
export function checkSettings(scope: IConstruct, { settings, read, options, standIns = {} }: SettingsCheck): void {
  const known = Object.entries(settings).map(([name, value]) => {
    return [name, (isToken(value) && standIns[name]) || replaceTokens(value)] as const;
  });
  try {
    read(Object.fromEntries(known));
  } catch (error) {
    if (!isDiscoveryError(error)) throw error;
    refuseConstruct(scope, nameOptions(error.message, settings, options), error);
  }
}

/** Good as a name and as a host. */
const standIn = 'known-when-deployed';

/** Whether the text is one token and nothing else. */
export function isToken(text: string): boolean {
  return Token.isUnresolved(text) && replaceTokens(text) === standIn;
}

/** The text with a stand-in for each token in it. */
export function replaceTokens(text: string): string {
  return Token.isUnresolved(text) ? text.replaceAll(/\$\{Token\[[^\]]*\]\}/g, standIn) : text;
}

function nameOptions(
  message: string,
  settings: Readonly<Record<string, string>>,
  options: Readonly<Record<string, string>>,
): string {
  return Object.keys(settings).reduce((text, variable) => {
    const option = options[variable];
    return option === undefined ? text.replaceAll(`${variable}: `, '') : text.replaceAll(variable, option);
  }, message);
}

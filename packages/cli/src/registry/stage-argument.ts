import { DiscoveryError } from '@amplify-discovery/core';
import type { ArgumentSpec } from '../terminal/command.ts';

/** The stage as the first argument, for commands that work in one: `discovery history Production`. */
export const stageArgument: ArgumentSpec = { name: 'STAGE', help: 'The same as --stage.', isOptional: true };

/**
 * The stage from the command line, as argument or option.
 *
 * @throws DiscoveryError `InvalidOptions` when it names two.
 */
export function findNamedStage(argument: string | undefined, option: string | undefined): string | undefined {
  if (argument !== undefined && option !== undefined && argument !== option)
    throw new DiscoveryError('InvalidOptions', `Two stages are named: "${argument}", and --stage "${option}"`);
  return argument ?? option;
}

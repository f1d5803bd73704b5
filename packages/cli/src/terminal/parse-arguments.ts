import { parseArgs, type ParseArgsConfig } from 'node:util';
import { DiscoveryError } from '@amplify-discovery/core';
import type { Command, CommandInput, OptionSpec } from './command.ts';

/** What a command has to do: run with an input, or print its help. */
export type ParsedArguments =
  | { readonly wantsHelp: true }
  | { readonly wantsHelp: false; readonly input: CommandInput };

/**
 * The input of a command from the words after its name.
 *
 * @throws DiscoveryError `InvalidOptions`, saying which word is wrong.
 */
export function parseArguments(command: Command, words: readonly string[]): ParsedArguments {
  const parsed = parseWords(command, words);
  if (parsed.values['help'] === true) return { wantsHelp: true };

  const options: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(command.options))
    options[name] = readValue(name, spec, parsed.values[name]);

  const { positionals } = parsed;
  const required = command.arguments.filter(({ isOptional }) => !isOptional);
  if (positionals.length < required.length) {
    throw invalid(command, `${required[positionals.length]?.name ?? ''} is missing`);
  }
  if (positionals.length > command.arguments.length && !command.arguments.at(-1)?.isRest) {
    throw invalid(command, `"${positionals[command.arguments.length] ?? ''}" is one argument too many`);
  }
  return { wantsHelp: false, input: { arguments: positionals, options: options as CommandInput['options'] } };
}

function parseWords(command: Command, words: readonly string[]) {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { kind }] of Object.entries(command.options)) {
    options[name] = { type: kind === 'flag' ? 'boolean' : 'string', multiple: kind === 'list' };
  }
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw invalid(command, (error as Error).message, error);
  }
}

function readValue(name: string, { kind, choices }: OptionSpec, value: unknown): unknown {
  if (kind === 'flag') return value === true;
  if (kind === 'list') return value ?? [];
  if (value === undefined) return undefined;
  const text = value as string;
  if (choices && !choices.includes(text)) {
    throw new DiscoveryError('InvalidOptions', `--${name}: "${text}" is none of ${choices.join(', ')}`);
  }
  if (kind === 'text') return text;
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text))
    throw new DiscoveryError('InvalidOptions', `--${name}: "${text}" is not a number`);
  return Number(text);
}

function invalid({ name }: Command, found: string, cause?: unknown): DiscoveryError {
  return new DiscoveryError('InvalidOptions', `discovery ${name}: ${found}. See: discovery ${name} --help`, { cause });
}

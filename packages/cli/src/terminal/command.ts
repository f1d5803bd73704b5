import type { CommandContext } from './command-context.ts';
import type { ExitCode } from './exit-code.ts';

/** One `--option` of a command. */
export interface OptionSpec {
  /** `list` may be given several times. */
  readonly kind: 'text' | 'number' | 'flag' | 'list';
  /** The value's placeholder in `--help`: `URL`. */
  readonly value?: string;
  readonly help: string;
  /** The only values that are accepted. */
  readonly choices?: readonly string[];
}

/** One argument without a dash. */
export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  readonly isOptional?: boolean;
  /** Takes all that follows: for the command line of another program, after `--`. */
  readonly isRest?: boolean;
}

type OptionValue<S extends OptionSpec> = S['kind'] extends 'flag'
  ? boolean
  : S['kind'] extends 'list'
    ? readonly string[]
    : S['kind'] extends 'number'
      ? number | undefined
      : string | undefined;

/** The values of a command's options, by their names. */
export type OptionValues<O extends Readonly<Record<string, OptionSpec>>> = {
  readonly [K in keyof O]: OptionValue<O[K]>;
};

/** A command's parsed input. */
export interface CommandInput<O extends Readonly<Record<string, OptionSpec>> = Readonly<Record<string, OptionSpec>>> {
  readonly arguments: readonly string[];
  readonly options: OptionValues<O>;
}

/** One `discovery …` command: what its help says and what it does. */
export interface Command<O extends Readonly<Record<string, OptionSpec>> = Readonly<Record<string, OptionSpec>>> {
  readonly name: string;
  readonly summary: string;
  /** Sentences below the summary in `--help`. */
  readonly details?: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: O;
  /** Command lines, each with a short explanation. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  run(input: CommandInput<O>, context: CommandContext): Promise<ExitCode | void>;
}

/** The command, its input typed by its own option table. */
export function defineCommand<const O extends Readonly<Record<string, OptionSpec>>>(command: Command<O>): Command {
  return command;
}

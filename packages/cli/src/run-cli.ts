import { DiscoveryError, findNearNames, isDiscoveryError } from '@amplify-discovery/core';
import { createContext } from './terminal/command-context.ts';
import { commands } from './commands.ts';
import { getExitCode, type ExitCode } from './terminal/exit-code.ts';
import { formatCommandHelp, formatOverview } from './terminal/format-help.ts';
import { parseArguments } from './terminal/parse-arguments.ts';
import type { Shell } from './terminal/shell.ts';

/**
 * Runs one command line and resolves to its exit code; never rejects. Results go to the shell's stdout, everything else to
 * its stderr.
 *
 * @example
 * ```ts
 * process.exitCode = await runCli(['list', '--stage', 'dev', '--json'], createShell(process, new AbortController().signal, import.meta.filename));
 * ```
 */
export async function runCli(words: readonly string[], shell: Shell): Promise<ExitCode> {
  const context = createContext(shell);
  try {
    const [name = '--help', ...rest] = words;
    if (name === '--version') {
      context.print(shell.version);
      return 0;
    }
    if (['help', '--help', '-h'].includes(name) && rest.length === 0) {
      context.print(...formatOverview(commands));
      return 0;
    }
    const command = getCommand(name === 'help' ? (rest[0] as string) : name);
    const parsed = parseArguments(command, name === 'help' ? ['--help'] : rest);
    if (parsed.wantsHelp) {
      context.print(...formatCommandHelp(command));
      return 0;
    }
    return (await command.run(parsed.input, context)) ?? 0;
  } catch (error) {
    const exitCode = getExitCode(error, shell.signal);
    if (exitCode === 130) return exitCode;
    if (isDiscoveryError(error)) {
      if (words.includes('--json')) {
        const { code, message, service, stage, retryable, recoverySuggestion } = error;
        context.printJson({ error: { code, message, service, stage, retryable, recoverySuggestion } });
      }
      context.note(`${error.code}: ${error.message}`, error.recoverySuggestion);
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      context.note(...`Unexpected: ${text}`.split('\n'));
    }
    return exitCode;
  }
}

function getCommand(name: string) {
  const command = commands.find((candidate) => candidate.name === name);
  if (command) return command;
  const [nearest] = findNearNames(
    name,
    commands.map((candidate) => candidate.name),
  );
  const hint = nearest === undefined ? 'See: discovery --help' : `Did you mean "${nearest}"?`;
  throw new DiscoveryError('InvalidOptions', `There is no command "${name}". ${hint}`);
}

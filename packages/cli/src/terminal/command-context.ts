import { cleanText } from '@amplify-discovery/core';
import { cleanJson } from './clean-json.ts';
import type { Shell } from './shell.ts';
import { showProgress } from './show-progress.ts';

/** What a command works with: the shell, but all output goes through the cleaning functions. */
export interface CommandContext extends Omit<Shell, 'stdout' | 'stderr'> {
  /** Writes each text as one line to stdout; line feeds in it are escaped, so that no line can be forged. */
  print(...lines: readonly string[]): void;
  /** Writes one value as JSON to stdout, on one line where `isCompact`. */
  printJson(value: unknown, isCompact?: boolean): void;
  /** The same to stderr, for remarks. */
  note(...lines: readonly string[]): void;
  /** The promise's outcome. After a second a terminal shows the label, and the progress if the label has it. */
  wait<T>(label: string | (() => string), promise: Promise<T>): Promise<T>;
}

/** A context over a shell. */
export function createContext(shell: Shell): CommandContext {
  const { stdout, stderr, ...rest } = shell;
  return {
    ...rest,
    print: (...lines) => stdout.write(joinLines(lines)),
    printJson: (value, isCompact = false) => stdout.write(`${cleanJson(value, isCompact ? undefined : 2)}\n`),
    note: (...lines) => stderr.write(joinLines(lines)),
    wait(label, promise) {
      const describe = () => cleanText(typeof label === 'string' ? label : label());
      return stderr.isTty ? showProgress(describe, promise, stderr, shell.every) : promise;
    },
  };
}

function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${cleanText(line)}\n`).join('');
}

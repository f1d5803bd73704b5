import { cleanJson, cleanText } from './clean-text.ts';
import type { Shell } from './shell.ts';
import { showProgress } from './show-progress.ts';

/** What a command works with: the shell, but all output goes through the cleaning functions. */
export interface CommandContext extends Omit<Shell, 'stdout' | 'stderr'> {
  /** Writes each text as one line to stdout: line feeds within it are written out, so nobody can forge a line. */
  print(...lines: readonly string[]): void;
  /** Writes one value as JSON to stdout, on one line where `isCompact`. */
  printJson(value: unknown, isCompact?: boolean): void;
  /** The same to stderr, for remarks to people. */
  note(...lines: readonly string[]): void;
  /** The promise's outcome; a person who waits for more than a second sees what for, and how far it is where the label says that. */
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

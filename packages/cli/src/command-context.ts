import { cleanJson, cleanLines, cleanText } from './clean-text.ts';
import type { Shell } from './shell.ts';
import { showProgress } from './show-progress.ts';

/** What a command works with: the shell, but all output goes through the cleaning functions. */
export interface CommandContext extends Omit<Shell, 'stdout' | 'stderr'> {
  /** Writes lines to stdout. */
  print(text: string): void;
  /** Writes one value as JSON to stdout, on one line where `isCompact`. */
  printJson(value: unknown, isCompact?: boolean): void;
  /** Writes a remark for people to stderr. */
  note(text: string): void;
  /** The promise's outcome; a person who waits for more than a second sees what for. */
  wait<T>(label: string, promise: Promise<T>): Promise<T>;
}

/** A context over a shell. */
export function createContext(shell: Shell): CommandContext {
  const { stdout, stderr, ...rest } = shell;
  return {
    ...rest,
    print: (text) => stdout.write(`${cleanLines(text)}\n`),
    printJson: (value, isCompact = false) => stdout.write(`${cleanJson(value, isCompact ? undefined : 2)}\n`),
    note: (text) => stderr.write(`${cleanLines(text)}\n`),
    wait: (label, promise) => (stderr.isTty ? showProgress(cleanText(label), promise, stderr, shell.every) : promise),
  };
}

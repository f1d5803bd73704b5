import { createInterface } from 'node:readline';

/** The streams of a process that may be a terminal. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * What the user types after the question; undefined without a terminal, or at the end of input (Ctrl-D).
 * The terminal's mode is not changed, so Ctrl-C interrupts the program as usual.
 */
export async function askPerson(
  question: string,
  { stdin, stderr }: Terminal,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  signal.throwIfAborted();
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  const stop = () => lines.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answer = await new Promise<string | undefined>((resolve) => {
      lines.once('close', () => resolve(undefined));
      lines.question(question, resolve);
    });
    signal.throwIfAborted();
    return answer;
  } finally {
    signal.removeEventListener('abort', stop);
    lines.close();
  }
}

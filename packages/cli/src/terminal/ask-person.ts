import { createInterface } from 'node:readline';

/** A process's ends that a person may sit at. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * What the person types after the question; undefined when nobody sits at a terminal, or they end the input (Ctrl-D).
 * The terminal stays in its own mode, so that Ctrl-C interrupts the program as anywhere else.
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

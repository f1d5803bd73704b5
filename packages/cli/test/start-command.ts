import { setTimeout } from 'node:timers/promises';
import { loadWebSocket } from '../src/terminal/load-web-socket.ts';
import type { Shell } from '../src/terminal/shell.ts';
import { runCommand, type Outcome } from './test-shell.ts';

/** `discovery console`, or `discovery dev`, until it is stopped, as if by Ctrl-C. */
export async function startCommand(
  words: readonly string[],
  overrides: Partial<Shell>,
): Promise<{ readonly printed: Readonly<Record<string, string>>; stop(): Promise<Outcome | undefined> }> {
  const interrupt = new AbortController();
  let done: Promise<Outcome> | undefined;
  const line = await new Promise<string>((resolve, reject) => {
    done = runCommand([...words, '--json'], {
      sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }).catch(() => {}),
      findWebSocket: () => loadWebSocket({}),
      ...overrides,
      signal: interrupt.signal,
      stdout: { isTty: false, write: resolve },
    });
    done.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  return {
    printed: JSON.parse(line) as Record<string, string>,
    async stop() {
      interrupt.abort();
      return done;
    },
  };
}

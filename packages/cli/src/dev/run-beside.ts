import { spawn } from 'node:child_process';
import { DiscoveryError } from '@amplify-discovery/core';

/**
 * Runs another program in this terminal until it ends, or until the signal aborts, which passes Ctrl-C on to it.
 *
 * @throws DiscoveryError `InvalidOptions` where it can't be started.
 */
export function runBeside(
  [program = '', ...words]: readonly string[],
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<number> {
  return new Promise((resolve, reject) => {
    // npm and its kin are scripts of the shell on Windows.
    const child = spawn(program, words, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
    const stop = () => child.kill('SIGINT');
    signal.addEventListener('abort', stop);
    child.once('error', (cause) => {
      signal.removeEventListener('abort', stop);
      reject(new DiscoveryError('InvalidOptions', `${program} can't be started: ${cause.message}`, { cause }));
    });
    child.once('close', (exitCode) => {
      signal.removeEventListener('abort', stop);
      // One that a signal ended has no exit code: Ctrl-C is no failure, anything else is.
      resolve(exitCode ?? (signal.aborted ? 0 : 1));
    });
  });
}

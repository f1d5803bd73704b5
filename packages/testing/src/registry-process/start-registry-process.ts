import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { LocalRegistry } from '@amplify-discovery/local';
import { bundleHandler } from '../lambda-runtime/bundle-handler.ts';

/** A local registry that is a process of its own. */
export interface RegistryProcess extends Pick<LocalRegistry, 'url' | 'region' | 'apiKey' | 'credentials'> {
  /** Ends the process as it stands, by SIGKILL; resolves with the signal that has ended it. Safe to call twice. */
  kill(): Promise<NodeJS.Signals | null>;
}

/**
 * Starts a local registry that can be killed while it is asked.
 *
 * @example
 * ```ts
 * const registry = await startRegistryProcess();
 * await registry.kill();
 * ```
 */
export async function startRegistryProcess(): Promise<RegistryProcess> {
  // Below node_modules, so that what the registry needs is found from there.
  mkdirSync('node_modules/.cache', { recursive: true });
  const folder = mkdtempSync('node_modules/.cache/registry-process-');
  try {
    const file = bundleHandler({
      entry: 'packages/testing/src/registry-process/main.ts',
      format: 'cjs',
      folder,
      external: ['dynalite', 'level'],
    });
    const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const [place] = (await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error('The registry process ended'))),
    ])) as [Omit<RegistryProcess, 'kill'>];
    return {
      ...place,
      async kill() {
        child.kill('SIGKILL');
        const [, signal] = await ended;
        return signal;
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

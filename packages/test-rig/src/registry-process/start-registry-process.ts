import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalRegistry } from '@amplify-discovery/local';
import { bundleHandler } from '../lambda-runtime/bundle-handler.ts';

export interface RegistryProcessOptions {
  /** Keeps the endpoints and the credentials here. @default in memory */
  readonly folder?: string;
  /** Mounts a disk of this size at the folder, for this process alone: see {@link findMountCommand}. */
  readonly diskBytes?: number;
}

/** A local registry that is a process of its own. */
export interface RegistryProcess extends Pick<LocalRegistry, 'url' | 'region' | 'apiKey' | 'credentials'> {
  /** The folder as this process's files are seen from outside: also what is on its own disk. */
  readonly folder: string;
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
export async function startRegistryProcess({
  folder: kept = '',
  diskBytes,
}: RegistryProcessOptions = {}): Promise<RegistryProcess> {
  // Below node_modules, so that what the registry needs is found from there.
  mkdirSync('node_modules/.cache', { recursive: true });
  const folder = mkdtempSync('node_modules/.cache/registry-process-');
  try {
    const file = bundleHandler({
      entry: 'packages/test-rig/src/registry-process/main.ts',
      format: 'cjs',
      folder,
      external: ['dynalite', 'level'],
    });
    const options = kept && { dataFolder: join(kept, 'data'), credentialsFile: join(kept, 'registry.json') };
    const mount = diskBytes === undefined ? [] : (findMountCommand(kept, diskBytes) ?? []);
    const [command = process.execPath, ...words]: readonly string[] = [
      ...mount,
      process.execPath,
      file,
      JSON.stringify(options || {}),
    ];
    const child = spawn(command, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const [place] = (await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error('The registry process ended'))),
    ])) as [Omit<RegistryProcess, 'kill' | 'folder'>];
    return {
      ...place,
      folder: diskBytes === undefined ? kept : join(`/proc/${child.pid}/root`, kept),
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

/**
 * The words before a command that give its process a disk of its own at a folder, gone when the process ends. Undefined
 * where this user may not mount.
 */
export function findMountCommand(folder: string, bytes: number): readonly string[] | undefined {
  const script = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"';
  for (const user of [[], ['--map-root-user']]) {
    const command = ['unshare', ...user, '--mount', 'sh', '-c', script, 'sh', String(bytes), folder];
    try {
      execFileSync(command[0] as string, [...command.slice(1), 'true'], { stdio: 'ignore' });
      return command;
    } catch {
      // Not Linux, or not allowed.
    }
  }
  return undefined;
}

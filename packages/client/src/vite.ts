/// <reference types="node" />
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { DevelopmentFiles } from './development-files.ts';
import { layLocalRegistry } from './lay-local-registry.ts';
import { refuseLocalRegistry } from './refuse-local-registry.ts';

export type { DevelopmentFiles };

/** As far as this plugin is one; see Vite's `Plugin`. */
export interface DiscoveryPlugin {
  readonly name: string;
  readonly enforce: 'pre';
  configResolved(config: {
    readonly root: string;
    readonly command: 'build' | 'serve';
    readonly isPreview?: boolean;
  }): void;
  configureServer(server: DevelopmentServer): void;
  load(id: string): Promise<string | null>;
}

interface DevelopmentServer {
  readonly watcher: {
    add(path: string): unknown;
    on(event: 'all', listener: (event: string, path: string) => void): unknown;
  };
  restart(): Promise<void>;
}

/**
 * A Vite plugin: while `discovery dev` runs, what the app imports from its outputs file names that registry in `custom.discovery`,
 * so that no code of the app changes. It applies to development servers only; a production build whose outputs name a registry on
 * this machine fails.
 *
 * @example
 * ```ts
 * import { discovery } from 'amplify-discovery/vite';
 *
 * export default { plugins: [discovery()] };
 * ```
 */
export function discovery({
  settings = '.local/discovery.json',
  outputs = 'amplify_outputs.json',
}: DevelopmentFiles = {}): DiscoveryPlugin {
  let file = settings;
  let isServing = false;
  return {
    name: 'amplify-discovery',
    enforce: 'pre',
    configResolved({ root, command, isPreview }) {
      file = resolve(root, settings);
      isServing = command === 'serve' && isPreview !== true;
    },
    configureServer(server) {
      server.watcher.add(file);
      server.watcher.on('all', (_event, path) => {
        if (resolve(path) === file) void server.restart();
      });
    },
    async load(id) {
      const [path = ''] = id.split('?', 1);
      if (basename(path) !== outputs) return null;
      const text = await readFile(path, 'utf8');
      if (!isServing) {
        refuseLocalRegistry(text, outputs);
        return null;
      }
      const local = await readFile(file, 'utf8').catch(() => undefined);
      return local === undefined ? null : layLocalRegistry(text, local, settings);
    },
  };
}

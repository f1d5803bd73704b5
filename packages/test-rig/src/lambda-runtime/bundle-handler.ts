import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface BundleOptions {
  /** The TypeScript file, relative to the workspace. */
  readonly entry: string;
  readonly format: 'esm' | 'cjs';
  readonly folder: string;
  /** Packages that stay outside. @default none */
  readonly external?: readonly string[];
}

/** Bundles a handler for a process of its own, from the sources or from what was built, like the tests themselves. */
export function bundleHandler({ entry, format, folder, external = [] }: BundleOptions): string {
  const file = join(folder, `${entry.replace(/^.*\/|\.ts$/g, '')}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  const builtFormat = process.env.TEST_DIST;
  execFileSync('node_modules/.bin/esbuild', [
    entry,
    '--bundle',
    '--platform=node',
    '--target=node20',
    '--log-level=warning',
    `--format=${format}`,
    `--outfile=${file}`,
    `--conditions=${builtFormat ? (builtFormat === 'cjs' ? 'require' : 'import') : '@amplify-discovery/source'}`,
    ...external.map((name) => `--external:${name}`),
  ]);
  return file;
}

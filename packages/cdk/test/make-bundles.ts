import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bundler = fileURLToPath(new URL('../../../scripts/build-lambda.js', import.meta.url));
const pageBuilder = fileURLToPath(new URL('../../console/build-page.js', import.meta.url));

/** Bundles the functions that the constructs deploy, where `npm run build` has not. */
export function makeBundles(
  ...owners: readonly ('registrar' | 'publisher' | 'bridges' | 'router' | 'console')[]
): void {
  for (const owner of owners) make(owner, 'lambda', (folder) => [bundler, owner, folder]);
}

/** Builds the console's page, where `npm run build` has not. */
export function makePage(): void {
  make('console', 'page', (folder) => [pageBuilder, folder]);
}

/** Whole or not at all, as test files run at once. */
function make(owner: string, name: string, findWords: (folder: string) => readonly string[]): void {
  const dist = fileURLToPath(new URL(`../../${owner}/dist`, import.meta.url));
  const made = join(dist, name);
  if (existsSync(made)) return;
  mkdirSync(dist, { recursive: true });
  const folder = mkdtempSync(join(dist, `${name}-`));
  execFileSync(process.execPath, findWords(folder), { stdio: 'pipe' });
  try {
    renameSync(folder, made);
  } catch (error) {
    rmSync(folder, { recursive: true });
    if (!existsSync(made)) throw error;
  }
}

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bundler = fileURLToPath(new URL('../../../scripts/build-lambda.js', import.meta.url));

/**
 * Bundles the functions that the constructs deploy, where `npm run build` has not: whole or not at all, as test files run
 * at once.
 */
export function makeBundles(...owners: readonly ('registrar' | 'publisher' | 'bridges' | 'router')[]): void {
  for (const owner of owners) {
    const dist = fileURLToPath(new URL(`../../${owner}/dist`, import.meta.url));
    const bundle = join(dist, 'lambda');
    if (existsSync(bundle)) continue;
    mkdirSync(dist, { recursive: true });
    const folder = mkdtempSync(join(dist, 'lambda-'));
    execFileSync(process.execPath, [bundler, owner, folder], { stdio: 'pipe' });
    try {
      renameSync(folder, bundle);
    } catch (error) {
      rmSync(folder, { recursive: true });
      if (!existsSync(bundle)) throw error;
    }
  }
}

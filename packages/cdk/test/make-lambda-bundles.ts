import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bundler = fileURLToPath(new URL('../../../scripts/build-lambda.js', import.meta.url));

/** Bundles publisher and router unless they are. Whole or not at all, as test files run at once. */
export function makeLambdaBundles(): void {
  for (const name of ['snapshots', 'router']) {
    const owner = fileURLToPath(new URL(`../../${name}`, import.meta.url));
    const bundle = join(owner, 'dist/lambda');
    if (existsSync(bundle)) continue;
    mkdirSync(join(owner, 'dist'), { recursive: true });
    const folder = mkdtempSync(join(owner, 'dist/lambda-'));
    execFileSync(process.execPath, [bundler, name, folder], { stdio: 'pipe' });
    try {
      renameSync(folder, bundle);
    } catch (error) {
      rmSync(folder, { recursive: true });
      if (!existsSync(bundle)) throw error;
    }
  }
}

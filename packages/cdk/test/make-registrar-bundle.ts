import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const registrar = fileURLToPath(new URL('../../registrar', import.meta.url));
const bundler = fileURLToPath(new URL('../../../scripts/build-lambda.js', import.meta.url));

/** Bundles the registrar unless it is: the constructs deploy its built code. Whole or not at all, as test files run at once. */
export function makeRegistrarBundle(): void {
  const bundle = join(registrar, 'dist/lambda');
  if (existsSync(bundle)) return;
  mkdirSync(join(registrar, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(registrar, 'dist/lambda-'));
  execFileSync(process.execPath, [bundler, 'registrar', folder], { stdio: 'pipe' });
  try {
    renameSync(folder, bundle);
  } catch (error) {
    rmSync(folder, { recursive: true });
    if (!existsSync(bundle)) throw error;
  }
}

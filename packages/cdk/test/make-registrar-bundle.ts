import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const registrar = new URL('../../registrar/', import.meta.url);

/** Bundles the registrar unless it is: the constructs deploy its built code. */
export function makeRegistrarBundle(): void {
  if (existsSync(new URL('dist/lambda/index.js', registrar))) return;
  execFileSync(process.execPath, [fileURLToPath(new URL('build-lambda.js', registrar))], { stdio: 'pipe' });
}

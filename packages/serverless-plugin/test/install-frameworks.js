import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Installs the real frameworks that `frameworks.test.ts` packages a service with. They weigh 100 and 250 MB, so they are
 * not part of the workspace but kept in the folder that SERVERLESS_FRAMEWORKS names.
 * Serverless v4 is not among them: its package downloads a program that only runs with an account.
 *
 * From the root of the repository:
 * `SERVERLESS_FRAMEWORKS=.cache/serverless-frameworks node packages/serverless-plugin/test/install-frameworks.js`
 */
const root = resolve(process.env.SERVERLESS_FRAMEWORKS ?? '.cache/serverless-frameworks');

for (const { name, version } of JSON.parse(readFileSync(new URL('frameworks.json', import.meta.url), 'utf8'))) {
  const folder = join(root, `${name}-${version}`);
  if (existsSync(join(folder, 'node_modules', name, 'bin/serverless.js'))) continue;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...options, `${name}@${version}`], { cwd: folder, stdio: 'inherit' });
}

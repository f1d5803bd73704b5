import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Compares `amplify-discovery/v5` with the real Amplify v5, which is installed once per lock file, outside the workspace:
 * 27 MB without its peer dependency react-native.
 *
 * `npm run test:v5`; `DIFFERENTIAL_RUNS=20000 npm run test:v5` for more.
 */
const wanted = 'packages/client/test/differential/v5';
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const folder = join(cache, 'amplify-discovery', 'amplify-v5');

const readLock = (path) => existsSync(path) && readFileSync(path, 'utf8');
if (readLock(join(folder, 'installed.json')) !== readLock(join(wanted, 'package-lock.json'))) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(wanted, folder, { recursive: true });
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['ci', ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  cpSync(join(folder, 'package-lock.json'), join(folder, 'installed.json'));
}
const { status } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', 'packages/client/test/differential/v5', ...process.argv.slice(2)],
  { env: { ...process.env, AMPLIFY_V5: folder }, stdio: 'inherit' },
);
process.exitCode = status ?? 1;

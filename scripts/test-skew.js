import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs this commit's packages beside those of the previous contract, which are built once from the commit in
 * `previous.json`, outside the workspace. `npm run build && npm run test:skew`.
 *
 * When the contract changes after a release, that release's commit is written into `previous.json`.
 */
const { commit } = JSON.parse(readFileSync('packages/test-rig/test/skew/previous.json', 'utf8'));
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const folder = join(cache, 'amplify-discovery', `previous-${commit.slice(0, 12)}`);

if (spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { stdio: 'ignore' }).status !== 0) {
  console.error(`The clone lacks commit ${commit}. Get the whole history: git fetch --unshallow`);
  process.exit(1);
}
if (!existsSync(join(folder, 'built'))) {
  console.log(`Building the packages of ${commit.slice(0, 7)}, once: about two minutes`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync('git', ['archive', commit], { maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const inFolder = { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], inFolder);
  execFileSync('npm', ['run', 'build', '--silent'], inFolder);
  writeFileSync(join(folder, 'built'), '');
}
const { status } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', 'packages/test-rig/test/skew', ...process.argv.slice(2)],
  { env: { ...process.env, PREVIOUS_PACKAGES: folder }, stdio: 'inherit' },
);
process.exitCode = status ?? 1;

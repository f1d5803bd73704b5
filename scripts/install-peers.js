import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs what a bench compares with, once per lock file, outside the workspace; gives the folder to import from.
 *
 * @param wanted the folder of a manifest and its lock file
 * @param name of the folder in .cache
 */
export function installPeers(wanted, name) {
  const folder = join('.cache', name);
  const lock = (path) => existsSync(path) && readFileSync(path, 'utf8');
  if (lock(join(folder, 'installed.json')) !== lock(join(wanted, 'package-lock.json'))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    cpSync(wanted, folder, { recursive: true });
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['ci', ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    cpSync(join(folder, 'package-lock.json'), join(folder, 'installed.json'));
  }
  return folder;
}

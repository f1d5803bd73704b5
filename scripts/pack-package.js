import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

/** The tarball that `npm publish` would send for the package in `folder`, written to `destination`. */
export function packPackage(folder, destination) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', resolve(destination)];
  const output = execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return join(resolve(destination), JSON.parse(output)[0].filename);
}

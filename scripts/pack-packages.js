import { mkdirSync, rmSync } from 'node:fs';
import { listPackages } from './list-packages.js';
import { packPackage } from './pack-package.js';

/**
 * Writes the tarballs that would be published to `.cache/packed`, for apps that try a version before it is. A tarball
 * needs those of the packages that it depends on beside it, so each is printed with the command that installs them all.
 */
const destination = '.cache/packed';
const packages = listPackages().filter(({ manifest }) => !manifest.private);
const tarballs = new Map();

rmSync(destination, { recursive: true, force: true });
mkdirSync(destination, { recursive: true });
for (const { folder, manifest } of packages) {
  tarballs.set(manifest.name, packPackage(folder, destination));
  console.log(
    `\n${manifest.name}\n  npm install ${listNeeded(manifest)
      .map((needed) => tarballs.get(needed))
      .join(' ')}`,
  );
}

/** The names of a package and of the packages that it depends on, those first. */
function listNeeded({ name, dependencies = {} }) {
  const needed = packages.filter(({ manifest }) => manifest.name in dependencies);
  return [...new Set([...needed.flatMap(({ manifest }) => listNeeded(manifest)), name])];
}

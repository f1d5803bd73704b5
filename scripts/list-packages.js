import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The workspace's packages, each after the ones it depends on, or bundles. */
export function listPackages() {
  const packages = readdirSync('packages')
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(`${folder}/package.json`))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) }));
  const ordered = new Set();
  const add = (item) => {
    const { dependencies, peerDependencies, bundled = [] } = item.manifest;
    const needed = [...Object.keys({ ...dependencies, ...peerDependencies }), ...bundled];
    packages.filter(({ manifest }) => needed.includes(manifest.name)).forEach(add);
    ordered.add(item);
  };
  packages.forEach(add);
  return [...ordered];
}

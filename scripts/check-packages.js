import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { buildSync } from 'esbuild';
import { listPackages } from './list-packages.js';
import { packPackage } from './pack-package.js';

/**
 * Checks every published package as it would be published: publint and attw on its tarball, then that its exports
 * match its files and its dependencies match its imports. Needs `npm run build`.
 */
const tarballs = mkdtempSync(join(tmpdir(), 'check-packages-'));
let passed = 0;
let failed = 0;

for (const { folder, manifest } of listPackages()) {
  if (manifest.private) continue;
  if (!existsSync(join(folder, 'dist/cjs/package.json'))) {
    check(`${manifest.name}: is built`, () => ['run npm run build']);
    continue;
  }
  const tarball = packPackage(folder, tarballs);
  const entries = Object.keys(manifest.exports).filter((name) => manifest.exports[name].import);
  check(`${manifest.name}: publint`, () => run('publint', [tarball, '--strict']));
  check(`${manifest.name}: types resolve everywhere`, () =>
    run('attw', [tarball, '--profile', 'node16', '--entrypoints', ...entries]),
  );
  check(`${manifest.name}: exports match files`, () =>
    entries.flatMap((name) => findExportFaults(folder, manifest, name)),
  );
  check(`${manifest.name}: dependencies match imports`, () => findDependencyFaults(folder, manifest));
}
rmSync(tarballs, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function check(name, findFaults) {
  const faults = findFaults();
  if (faults.length === 0) passed += 1;
  else failed += 1;
  console.log([`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}`, ...faults].join('\n     '));
}

function run(tool, args) {
  try {
    execFileSync(`node_modules/.bin/${tool}`, args, { encoding: 'utf8', stdio: 'pipe' });
    return [];
  } catch (error) {
    return `${error.stdout}${error.stderr}`.split('\n').filter(Boolean);
  }
}

/** One entry is one source file, built twice. */
function findExportFaults(folder, manifest, name) {
  const entry = manifest.exports[name];
  const file = /^\.\/src\/(.+)\.ts$/.exec(entry['@amplify-discovery/source'])?.[1];
  const expected = {
    '@amplify-discovery/source': `./src/${file}.ts`,
    import: { types: `./dist/esm/${file}.d.ts`, default: `./dist/esm/${file}.js` },
    require: { types: `./dist/cjs/${file}.d.ts`, default: `./dist/cjs/${file}.js` },
  };
  if (!isDeepStrictEqual(entry, expected)) return [`"${name}" should be ${JSON.stringify(expected)}`];
  const targets = [
    expected['@amplify-discovery/source'],
    ...Object.values(expected.import),
    ...Object.values(expected.require),
  ];
  return targets
    .filter((target) => !existsSync(join(folder, target)))
    .map((target) => `"${name}": ${target} is missing`);
}

/** What the built files import is declared; what is declared is imported, or is a peer of a package of ours that is. */
function findDependencyFaults(folder, manifest) {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const own = readdirSync(folder).filter((file) => file.endsWith('.cjs') && manifest.files.includes(file));
  const built = readdirSync(join(folder, 'dist/esm'), { recursive: true }).map((file) => join('dist/esm', file));
  const files = [...own, ...built].map((file) => join(folder, file));
  const imported = new Set(
    [...findImports(files), ...findTypeImports(files), ...findResolved(files)].map(readPackageName),
  );
  imported.delete(manifest.name);
  const peers = new Set(
    listPackages()
      .filter((other) => imported.has(other.manifest.name))
      .flatMap((other) => Object.keys(other.manifest.peerDependencies ?? {})),
  );
  return [
    ...[...imported].filter((name) => !declared.includes(name)).map((name) => `${name} is imported but not declared`),
    ...declared
      .filter((name) => !imported.has(name) && !peers.has(name))
      .map((name) => `${name} is declared but not imported`),
  ];
}

function findImports(files) {
  const entryPoints = files.filter((file) => file.endsWith('.js'));
  const options = { bundle: true, packages: 'external', platform: 'node', format: 'esm', metafile: true, write: false };
  const { metafile } = buildSync({ entryPoints, outdir: 'dist', logLevel: 'error', ...options });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return imports
    .filter(({ external }) => external)
    .map(({ path }) => path)
    .filter((path) => !isBuiltin(path));
}

/** What a CommonJS file beside `dist` only asks the place of. */
function findResolved(files) {
  const texts = files.filter((file) => file.endsWith('.cjs')).map((file) => readFileSync(file, 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/require\.resolve\('([^']+)'\)/g)].map(([, path]) => path));
}

function findTypeImports(files) {
  const declarations = files.filter((file) => file.endsWith('.d.ts')).map((file) => readFileSync(file, 'utf8'));
  const imports = declarations.flatMap((text) => [...text.matchAll(/^(?:import|export) .*from '([^.].*)';$/gm)]);
  return imports.map(([, path]) => path).filter((path) => !isBuiltin(path));
}

function readPackageName(path) {
  return path.split('/', path.startsWith('@') ? 2 : 1).join('/');
}

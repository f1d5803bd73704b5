import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { listPackages } from './list-packages.js';
import { packPackage } from './pack-package.js';

/**
 * Installs the tarballs of all packages into a fresh project and uses every entry as an app would: as ES module, as
 * CommonJS, in a Vite bundle, and under each TypeScript that is supported. Needs `npm run build`.
 */
const app = mkdtempSync(join(tmpdir(), 'packed-app-'));
const packages = listPackages().filter(({ manifest }) => !manifest.private);
let passed = 0;
let failed = 0;

createApp();
check('every entry loads as ES module and as CommonJS, with the same names', () => run('load.mjs'));
check('every entry loads as CommonJS alone', () => run('load.cjs'));
for (const command of packages.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}))) {
  check(`${command} --help`, () => run(join('node_modules/.bin', command), '--help'));
}
check('Vite bundles the client for a browser', bundleForBrowser);
for (const compiler of [
  'typescript',
  ...readdirSync('node_modules').filter((name) => name.startsWith('typescript-')),
]) {
  const { version } = JSON.parse(readFileSync(`node_modules/${compiler}/package.json`, 'utf8'));
  const node = ['--module', 'nodenext', '--moduleResolution', 'nodenext', '--types', 'node'];
  const browser = ['--module', 'esnext', '--moduleResolution', 'bundler', '--typeRoots', 'none'];
  check(`types compile in Node, both formats, TypeScript ${version}`, () =>
    compile(compiler, [...node, 'all.mts', 'all.cts']),
  );
  check(`types compile in a bundled web app, TypeScript ${version}`, () => compile(compiler, [...browser, 'main.ts']));
}
if (failed === 0) rmSync(app, { recursive: true });
else console.log(`see ${app}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function createApp() {
  const entries = packages.flatMap(({ manifest }) =>
    Object.keys(manifest.exports)
      .filter((name) => manifest.exports[name].import)
      .map((name) => manifest.name + name.slice(1)),
  );
  const imports = entries.map((entry, index) => `import * as entry${index} from '${entry}';`);
  const uses = `export const all: unknown[] = [${entries.map((_, index) => `entry${index}`).join(', ')}];`;
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const dependencies = { 'aws-amplify': devDependencies['aws-amplify'], '@types/node': devDependencies['@types/node'] };
  for (const { folder, manifest } of packages) {
    dependencies[manifest.name] = `file:${packPackage(folder, app)}`;
    // Who uses the entries that need them has the optional peers installed, in the versions that this workspace tests.
    for (const peer of Object.keys(manifest.peerDependenciesMeta ?? {})) {
      const version = manifest.devDependencies?.[peer];
      if (version) dependencies[peer] = version;
    }
  }

  cpSync('scripts/packed-app', app, { recursive: true });
  writeFileSync(join(app, 'entries.json'), JSON.stringify(entries));
  writeFileSync(join(app, 'all.mts'), [...imports, uses].join('\n'));
  writeFileSync(join(app, 'all.cts'), [...imports, uses].join('\n'));
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', install, { cwd: app, stdio: 'inherit' });
}

function check(name, act) {
  try {
    act();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log([`FAIL ${name}`, ...`${error.stdout ?? error}\n${error.stderr ?? ''}`.split('\n')].join('\n     '));
  }
}

function run(...args) {
  return execFileSync(process.execPath, args, { cwd: app, encoding: 'utf8', stdio: 'pipe' });
}

/** Node's modules must not be needed: Vite replaces them by empty ones and only says so. */
function bundleForBrowser() {
  const log = run(resolve('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'info');
  if (log.includes('externalized for browser')) throw new Error(log);
}

/** Library files are checked too; what other people's files say is no fault of ours. */
function compile(compiler, options) {
  const tsc = resolve(`node_modules/${compiler}/bin/tsc`);
  const common = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--lib',
    'es2022,dom,dom.iterable',
    '--pretty',
    'false',
  ];
  try {
    run(tsc, ...common, ...options);
  } catch (error) {
    const ours = error.stdout.split('\n').filter((line) => line.includes('error TS') && !isForeign(line));
    if (ours.length > 0) throw new Error(ours.join('\n'), { cause: error });
  }
}

function isForeign(line) {
  return line.startsWith('node_modules/') && !/^node_modules\/(@amplify-discovery|amplify-discovery)\//.test(line);
}

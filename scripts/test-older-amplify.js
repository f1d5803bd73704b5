import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { listPackages } from './list-packages.js';
import { packPackage } from './pack-package.js';

/**
 * `discover` with the oldest aws-amplify that is supported and with one shortly before 6.22, neither of which has contexts: the tarballs in a fresh
 * project, in Node and bundled by Vite. Names that an older Amplify lacks may be warned of, no more. Needs `npm run build`.
 */
const versions = ['6.2.0', '6.15.10'];
const needed = ['core', 'aws', 'registry', 'snapshots', 'local', 'client'].map((name) => `packages/${name}`);
const packages = listPackages().filter(({ folder }) => needed.includes(folder));
const vite = resolve('node_modules/vite/bin/vite.js');
let passed = 0;
let failed = 0;

for (const version of versions) {
  const app = createApp(version);
  const before = failed;
  check(`aws-amplify ${version} is what the app got, once`, () => checkInstalled(app, version));
  check(`aws-amplify ${version}: get by service name in Node`, () => run(app, 'run.mjs', 'app.mjs'));
  check(`aws-amplify ${version}: Vite bundles it for a browser`, () => bundleForBrowser(app));
  check(`aws-amplify ${version}: get by service name from a bundle`, () => {
    run(app, vite, 'build', '--ssr', 'app.mjs', '--outDir', 'dist/server', '--config', 'bundle-all.mjs');
    run(app, 'run.mjs', 'dist/server/app.js');
  });
  if (failed === before) rmSync(app, { recursive: true });
  else console.log(`see ${app}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function createApp(version) {
  const app = mkdtempSync(join(tmpdir(), 'older-amplify-app-'));
  const dependencies = { 'aws-amplify': version };
  for (const { folder, manifest } of packages) dependencies[manifest.name] = `file:${packPackage(folder, app)}`;
  cpSync('scripts/older-amplify-app', app, { recursive: true });
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', install, { cwd: app, stdio: 'inherit' });
  return app;
}

function checkInstalled(app, version) {
  const { packages: installed } = JSON.parse(readFileSync(join(app, 'package-lock.json'), 'utf8'));
  const copies = Object.keys(installed).filter((path) =>
    /(^|\/)node_modules\/(aws-amplify|@aws-amplify\/core)$/.test(path),
  );
  const found = installed['node_modules/aws-amplify'].version;
  if (found !== version || copies.length !== 2) throw new Error(`${found}: ${copies.join(', ')}`);
}

function bundleForBrowser(app) {
  const log = run(app, vite, 'build', '--logLevel', 'info');
  if (log.includes('externalized for browser')) throw new Error(log);
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

function run(app, ...args) {
  return execFileSync(process.execPath, args, { cwd: app, encoding: 'utf8', stdio: 'pipe' });
}

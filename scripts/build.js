import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPackages } from './list-packages.js';

/**
 * Builds every published package, dependencies first: `dist/esm`, and `dist/cjs` with a stub that says so.
 * The source condition is off, so a package is compiled against what its dependencies really ship. What else a package
 * ships, such as a bundle, its own scripts named `build:…` make after that.
 *
 * `npm run build`, or `npm run build -- core registry` for some of them.
 */
const wanted = process.argv.slice(2);
const cjs = ['--module', 'commonjs', '--moduleResolution', 'bundler', '--verbatimModuleSyntax', 'false'];

for (const { folder, manifest } of listPackages()) {
  if (manifest.private || (wanted.length > 0 && !wanted.includes(folder.split('/').at(-1)))) continue;
  const started = performance.now();
  // Beside the last build until it is whole, so that what runs on that one goes on, and a failure leaves it.
  const next = join(folder, `dist-${process.pid}`);
  compile(folder, join(next, 'esm'));
  compile(folder, join(next, 'cjs'), cjs);
  writeFileSync(join(next, 'cjs/package.json'), '{"type":"commonjs"}\n');
  replaceFolder(join(folder, 'dist'), next);
  const ownScripts = Object.keys(manifest.scripts ?? {}).filter((name) => name.startsWith('build:'));
  for (const name of ownScripts) run('npm', ['run', '--silent', name, '--workspace', folder], folder);
  console.log(`built ${manifest.name} in ${Math.round(performance.now() - started)} ms`);
}

function compile(folder, outDir, options = []) {
  const args = ['-p', folder, '--outDir', outDir, '--customConditions', 'null', ...options];
  run('node_modules/typescript/bin/tsc', args, folder);
}

/** By two renames, so that a program that loads the folder at that moment hardly ever finds it missing. */
function replaceFolder(folder, next) {
  const last = `${next}-last`;
  if (existsSync(folder)) renameSync(folder, last);
  renameSync(next, folder);
  rmSync(last, { recursive: true, force: true });
}

function run(command, args, folder) {
  try {
    execFileSync(command, args, { stdio: 'inherit' });
  } catch {
    rmSync(join(folder, `dist-${process.pid}`), { recursive: true, force: true });
    console.error(`${folder} does not build`);
    process.exit(1);
  }
}

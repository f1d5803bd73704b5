import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { rules } from './invariants/rules.js';

/**
 * Takes one rule after the other out of a copy of the project and runs the tests that guard it: they have to fail.
 * A rule whose text is not found any more fails too, so that the list follows the code.
 *
 * `npm run check:invariants`, or `npm run check:invariants -- trust` for those whose name has the word.
 */
const [word = ''] = process.argv.slice(2);
const copy = copyProject();
let passed = 0;
let failed = 0;
try {
  const wanted = rules.filter(({ name }) => name.includes(word));
  const { status, stderr } = runTests([...new Set(wanted.flatMap(({ tests }) => tests))]);
  if (status !== 0) throw new Error(`The tests fail with every rule in place:\n${stderr}`);
  for (const rule of wanted) {
    const problem = takeOut(rule);
    if (problem) failed++;
    else passed++;
    console.log(
      `${problem ? 'NOT GUARDED' : 'guarded    '}  ${rule.invariant}  ${rule.name}${problem ? `: ${problem}` : ''}`,
    );
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;

function takeOut({ file, find, replace, tests, generate }) {
  const regenerate = () => generate && execFileSync(process.execPath, [generate], { cwd: copy });
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) return `its text is not in ${file} exactly once`;
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  try {
    regenerate();
    const { status, stderr } = runTests(tests);
    if (status === 0) return `${tests.join(', ')} pass without it`;
    // A file that does not even load proves nothing.
    return /^Tests:\s+\d+ failed/m.test(stderr) ? undefined : 'its tests did not run';
  } finally {
    writeFileSync(path, text);
    regenerate();
  }
}

/** A test that fails may leave servers open, which would keep Jest waiting. */
function runTests(tests) {
  const jest = join(copy, 'node_modules/jest/bin/jest.js');
  return spawnSync(process.execPath, [jest, ...tests, '--silent', '--forceExit', '--reporters=default'], {
    cwd: copy,
    encoding: 'utf8',
  });
}

/** What git knows of, as it stands, with the installed packages but with this copy's own workspaces. */
function copyProject() {
  const folder = mkdtempSync(join(tmpdir(), 'invariants-'));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' });
  for (const file of listed.split('\n').filter((name) => name && existsSync(name))) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(file, join(folder, file), { dereference: true });
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync('node_modules')) {
    if (name === '@amplify-discovery' || name === 'amplify-discovery')
      cpSync(join('node_modules', name), join(folder, 'node_modules', name), {
        recursive: true,
        verbatimSymlinks: true,
      });
    else symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  for (const workspace of readdirSync('packages')) {
    const own = resolve('packages', workspace, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(folder, 'packages', workspace, 'node_modules'));
  }
  return folder;
}

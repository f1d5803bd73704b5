import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = 'packages/bridges/test/servers/java';

/**
 * Fetches what the folder's pom.xml depends on into the cache, compares it with the folder's `artifacts.sha256`, and compiles
 * the folder's programs. Gives the folder of classes, which isn't there when that failed: then the reason is written.
 *
 * After a change of pom.xml, `RECORD_ARTIFACTS=1 npm run test:bridges` writes `artifacts.sha256` again.
 */
export function installJava(name, cache) {
  const folder = join(root, name);
  const built = join(cache, 'java', name);
  const classes = join(built, 'classes');
  const note = join(built, 'installed');
  const lock = join(folder, 'artifacts.sha256');
  const hashInputs = () =>
    hash(
      readdirSync(folder)
        .sort()
        .map((file) => readFileSync(join(folder, file), 'utf8'))
        .join(),
    );
  if (!process.env.RECORD_ARTIFACTS && existsSync(note) && readFileSync(note, 'utf8') === hashInputs()) return classes;

  rmSync(built, { recursive: true, force: true });
  mkdirSync(join(built, 'lib'), { recursive: true });
  const output = { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' };
  try {
    const lib = join(built, 'lib');
    const repository = `-Dmaven.repo.local=${join(cache, 'maven')}`;
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${lib}`, '-DincludeScope=runtime'];
    execFileSync('mvn', ['-B', '-q', '-f', join(folder, 'pom.xml'), repository, ...copy], output);
    const found = readdirSync(lib)
      .sort()
      .map((file) => `${hash(readFileSync(join(lib, file)))}  ${file}\n`)
      .join('');
    if (process.env.RECORD_ARTIFACTS) writeFileSync(lock, found);
    else if (readFileSync(lock, 'utf8') !== found) throw new Error(`${lib} is not what ${lock} says`);
    const sources = readdirSync(folder).filter((file) => file.endsWith('.java'));
    execFileSync('javac', ['-d', classes, '-cp', `${lib}/*`, ...sources.map((file) => join(folder, file))], output);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('logback.xml')))
      copyFileSync(join(folder, file), join(classes, file));
    writeFileSync(note, hashInputs());
  } catch (error) {
    rmSync(classes, { recursive: true, force: true });
    // Maven writes its errors to stdout, javac to stderr.
    const reason = [error.stdout, error.stderr].find((text) => text?.trim()) ?? error.message;
    console.log(`skipped: ${folder} can't be built: ${reason.trim().slice(0, 1000)}`);
  }
  return classes;
}

const hash = (content) => createHash('sha256').update(content).digest('hex');

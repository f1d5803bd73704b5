import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const rounds = 9;

/** Bundles each of these sources as a Lambda would be, and measures how large that is and how long a fresh Node takes to load it. */
export async function measureImports(sources) {
  const folder = mkdtempSync('.cache/bench-');
  const measured = {};
  for (const [name, { contents, resolveDir }] of Object.entries(sources)) {
    const file = join(folder, `${name}.cjs`);
    const { outputFiles } = await build({
      stdin: { contents, resolveDir },
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      write: false,
      logLevel: 'error',
    });
    writeFileSync(file, outputFiles[0].contents);
    measured[name] = { bytes: gzipSync(outputFiles[0].contents, { level: 9 }).length, times: [], file };
  }
  // Round by round, so that a busy moment of the machine hits all alike.
  for (let round = 0; round < rounds; round += 1) {
    for (const { file, times } of Object.values(measured)) {
      const script = `const t=performance.now();require(${JSON.stringify(`${process.cwd()}/${file}`)});console.log(performance.now()-t)`;
      times.push(Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })));
    }
  }
  rmSync(folder, { recursive: true });
  return Object.fromEntries(
    Object.entries(measured).map(([name, { bytes, times }]) => [
      name,
      { bytes, milliseconds: times.sort((a, b) => a - b)[Math.floor(rounds / 2)] },
    ]),
  );
}

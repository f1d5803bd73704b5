import { existsSync } from 'node:fs';
import { runProgram } from './run-program.mjs';

const functions = { registrar: 'index.js', publisher: 'publisher.js', bridges: 'bridge.js', router: 'router.js' };

/** Builds those of the packages that `npm run build` has not built yet. */
export async function preparePackages(names) {
  const isBuilt = (name) =>
    existsSync(`packages/${name}/dist/cjs/index.js`) &&
    (functions[name] === undefined || existsSync(`packages/${name}/dist/lambda/${functions[name]}`));
  const missing = names.filter((name) => !isBuilt(name));
  if (missing.length === 0) return;
  process.stdout.write(`Building ${missing.join(', ')} …\n`);
  await runProgram('npm', ['run', 'build', '--', ...missing]);
}

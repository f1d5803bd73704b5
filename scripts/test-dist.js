import { spawnSync } from 'node:child_process';

/**
 * Runs the test suites a second time, on what `npm run build` made: as ES modules, then as CommonJS, or as the one of
 * them that is named first. Further arguments are passed on to Jest.
 */
const [first, ...others] = process.argv.slice(2);
const isFormat = first === 'esm' || first === 'cjs';
const jestArguments = isFormat ? others : process.argv.slice(2);
let failed = false;
for (const format of isFormat ? [first] : ['esm', 'cjs']) {
  console.log(`\ntests on dist/${format}`);
  const nodeOptions = format === 'esm' ? ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'] : [];
  const { status } = spawnSync(process.execPath, [...nodeOptions, 'node_modules/jest/bin/jest.js', ...jestArguments], {
    stdio: 'inherit',
    env: { ...process.env, TEST_DIST: format },
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;

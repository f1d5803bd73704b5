import { spawnSync } from 'node:child_process';

/**
 * Runs the test suites a second time, on what `npm run build` made: as ES modules, then as CommonJS.
 * Arguments are passed on to Jest.
 */
let failed = false;
for (const format of ['esm', 'cjs']) {
  console.log(`\ntests on dist/${format}`);
  const nodeOptions = format === 'esm' ? ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'] : [];
  const { status } = spawnSync(
    process.execPath,
    [...nodeOptions, 'node_modules/jest/bin/jest.js', ...process.argv.slice(2)],
    {
      stdio: 'inherit',
      env: { ...process.env, TEST_DIST: format },
    },
  );
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Unset: the tests run on the sources. `cjs` or `esm`: the same tests run on what `npm run build` made.
 * Sources are found by the export condition `@amplify-discovery/source`; built files by leaving it out.
 */
const builtFormat = process.env.TEST_DIST;

const browserPath = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
  .filter(Boolean)
  .find((path) => existsSync(path));
if (browserPath) process.env.CHROMIUM_PATH = browserPath;
const skipBrowserTests = !browserPath && !process.env.CI;

const esm = builtFormat === 'esm';

export default {
  rootDir: fileURLToPath(new URL('.', import.meta.url)),
  testMatch: ['<rootDir>/packages/*/src/**/*.test.ts', '<rootDir>/packages/*/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    // It is what `npm start` starts, which is what was built.
    ...(builtFormat ? [] : ['/storefront\\.browser\\.test\\.ts$']),
    ...(skipBrowserTests ? ['\\.browser\\.test\\.ts$'] : []),
    ...(process.env.REGISTRY_SERVERS ? [] : ['/packages/bridges/test/servers/']),
    ...(process.env.PREVIOUS_PACKAGES ? [] : ['/packages/test-rig/test/skew/']),
    ...(process.env.SERVERLESS_FRAMEWORKS ? [] : ['/frameworks\\.test\\.ts$']),
    // It is a bundle for browsers, which its own tests run in one.
    ...(builtFormat ? ['/packages/console/src/page/'] : []),
    // Constructs take a minute to synthesise and say the same in either format; their deployments run in both.
    ...(builtFormat === 'esm' ? ['/packages/cdk/src/'] : []),
  ],
  modulePathIgnorePatterns: ['<rootDir>/packages/[^/]+/dist/cjs/package.json', '<rootDir>/.cache/'],
  testEnvironment: '<rootDir>/scripts/jest/tidy-environment.js',
  testEnvironmentOptions: {
    customExportConditions: [...(builtFormat ? [] : ['@amplify-discovery/source']), 'node', 'node-addons'],
  },
  ...(builtFormat && { resolver: '<rootDir>/scripts/resolve-built.cjs' }),
  ...(esm && { extensionsToTreatAsEsm: ['.ts'] }),
  transform: {
    // The templates are made for scripts, too, which take no TypeScript.
    '\\.ts$|/synthesise-templates\\.js$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: esm ? 'es6' : 'commonjs' },
      },
    ],
  },
  // One worker for each core: Jest's own default leaves one idle, which is half of a small machine.
  maxWorkers: '100%',
  // Nothing is timed: this only ends what hangs, on a machine that may be busy with other things.
  testTimeout: 60_000 * Number(process.env.RUNS_SCALE ?? 1),
  coverageProvider: 'v8',
  collectCoverageFrom: ['packages/*/src/**/*.ts', '!**/*.test.ts', '!packages/test-rig/**'],
  reporters: ['default', '<rootDir>/scripts/count-reporter.js'],
};

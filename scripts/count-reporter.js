import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Ends a Jest run with one line of counts, after naming everything that did not run and why. */
export default class CountReporter {
  constructor({ rootDir }) {
    this.rootDir = rootDir;
  }

  onRunComplete(_contexts, results) {
    const skippedTests = results.testResults
      .flatMap((file) => file.testResults)
      .filter((test) => test.status === 'pending' || test.status === 'todo');
    for (const test of skippedTests) console.log(`skipped: ${test.fullName}`);

    // jest.config.js sets CHROMIUM_PATH to the browser it found; without one it leaves these files out.
    const skippedFiles = process.env.CHROMIUM_PATH || process.env.CI ? [] : findBrowserTests(this.rootDir);
    for (const file of skippedFiles) {
      console.log(`skipped: ${file}: no Chromium. Install it (apt-get install chromium) or set CHROMIUM_PATH.`);
    }
    if (!process.env.TEST_DIST && !process.env.CI && !skippedFiles.some((file) => file.includes('storefront'))) {
      skippedFiles.push('storefront.browser.test.ts');
      console.log(
        'skipped: packages/client/test/storefront.browser.test.ts: runs on what was built. npm run build && npm run test:dist',
      );
    }
    // Nor does it run these without the frameworks; .ci/run does so in a stage of its own.
    if (!process.env.SERVERLESS_FRAMEWORKS && !process.env.CI) {
      const folder = 'packages/serverless-plugin/test';
      skippedFiles.push('frameworks.test.ts');
      console.log(
        `skipped: ${folder}/frameworks.test.ts: needs 350 MB of frameworks, see ${folder}/install-frameworks.js`,
      );
    }
    if (!process.env.REGISTRY_SERVERS && !process.env.CI) {
      skippedFiles.push('servers');
      console.log(
        'skipped: packages/bridges/test/servers: needs the servers of other registries. npm run test:bridges',
      );
    }
    if (!process.env.PREVIOUS_PACKAGES && !process.env.CI) {
      skippedFiles.push('skew.test.ts');
      console.log('skipped: packages/test-rig/test/skew: builds the packages of an earlier commit. npm run test:skew');
    }

    const brokenFiles = results.testResults.filter((file) => file.testExecError && file.numFailingTests === 0);
    const failed = results.numFailedTests + brokenFiles.length;
    console.log(
      `${results.numPassedTests} passed, ${failed} failed, ${skippedTests.length + skippedFiles.length} skipped`,
    );
  }
}

function findBrowserTests(rootDir) {
  return readdirSync(join(rootDir, 'packages'), { recursive: true }).filter(
    (file) => file.endsWith('.browser.test.ts') && !file.includes('node_modules'),
  );
}

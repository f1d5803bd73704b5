import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createResolver } from '@amplify-discovery/core';
import { build } from 'esbuild';
import { makeAnswer } from './make-answer.js';

const rounds = 21;
/** Milliseconds by number of endpoints. */
const coldLimits = new Map([
  [10, undefined],
  [1000, 12],
  [10_000, 30],
]);
const reloadLimit = 30;

/**
 * What a large stage costs where nothing is in memory yet: a Lambda function that finds its snapshot in /tmp, from the start
 * of Node to the first endpoint, beyond a Node that does nothing; and a page that finds it in its storage.
 */
export async function bench() {
  return [...(await measureColdStarts()), await measureReload(10_000)];
}

async function measureColdStarts() {
  const folder = mkdtempSync(join(tmpdir(), 'discovery-bench-'));
  try {
    const script = join(folder, 'function.cjs');
    const { outputFiles } = await build({
      stdin: {
        contents: `import { createDiscovery } from '@amplify-discovery/lambda';
          createDiscovery({ stage: process.argv[2], registry: { url: 'https://registry.example.com/graphql', region: 'eu-west-1', apiKey: 'k' },
            cacheFolder: ${JSON.stringify(folder)} })
            .resolve('service-7').then(({ origin }) => { if (origin !== 'storage') process.exitCode = 1; });`,
        resolveDir: process.cwd(),
      },
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      write: false,
      logLevel: 'error',
    });
    writeFileSync(script, outputFiles[0].contents);
    const bare = join(folder, 'bare.cjs');
    writeFileSync(bare, '');
    mkdirSync(folder, { recursive: true });
    const runs = [[bare], ...[...coldLimits.keys()].map((size) => [script, `stage-${size}`])];
    for (const size of coldLimits.keys()) {
      const stored = { ...makeAnswer(size), loadedAt: Date.now() };
      writeFileSync(join(folder, `stage-${size}.json`), JSON.stringify(stored), { mode: 0o600 });
    }
    const times = runs.map(() => []);
    // Round by round, so that a busy moment of the machine hits all alike.
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, args] of runs.entries()) {
        const started = performance.now();
        execFileSync(process.execPath, args);
        times[index].push(performance.now() - started);
      }
    }
    // The least of each: what is more comes from whatever else the machine does.
    const [bareTime, ...others] = times.map((all) => Math.min(...all));
    return [...coldLimits].map(([size, limit], index) => {
      const more = others[index] - bareTime;
      return {
        what: `core: cold Lambda function with ${size.toLocaleString('en')} endpoints in /tmp, beyond bare Node (${bareTime.toFixed(0)} ms)`,
        figure: `+${more.toFixed(1)} ms`,
        ...(limit && { target: `at most +${limit} ms`, failed: more > limit }),
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From the text in a page's storage to the first endpoint. */
async function measureReload(size) {
  const text = JSON.stringify({ ...makeAnswer(size), loadedAt: Date.now() });
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const storage = { read: async () => JSON.parse(text), write: async () => {} };
    const source = { name: 'bench', load: () => Promise.reject(new Error('not asked')) };
    const started = performance.now();
    await createResolver({ source, storage, stage: 'bench', region: 'eu-west-1' }).resolve('service-7');
    times.push(performance.now() - started);
  }
  const median = findMedian(times);
  return {
    what: `core: from a page's storage to the first of ${size.toLocaleString('en')} endpoints`,
    figure: `${median.toFixed(1)} ms`,
    target: `at most ${reloadLimit} ms`,
    failed: median > reloadLimit,
  };
}

function findMedian(times) {
  return times.sort((left, right) => left - right)[Math.floor(times.length / 2)];
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { createFileStorage } from '@amplify-discovery/lambda';
import { makeEndpoints } from '@amplify-discovery/test-rig/make-endpoints';

const rounds = 41;
/** Milliseconds beyond a Node that does nothing. */
const targets = { 1000: 12, 10_000: 30 };

/**
 * What a new runtime takes until it has found a service, where an earlier one has left a snapshot of so many endpoints in
 * /tmp. CPU time, in which other work of the machine does not show; on an idle machine the clock shows less, because Node
 * collects garbage on threads beside.
 */
export async function bench() {
  const folder = resolve(mkdtempSync('.cache/bench-'));
  try {
    const handler = await bundle(folder);
    const empty = join(folder, 'empty.cjs');
    writeFileSync(empty, reportCpu);
    const runs = [{ args: [empty], times: [] }];
    for (const size of Object.keys(targets).map(Number)) {
      const cacheFolder = join(folder, `${size}`);
      await createFileStorage({ folder: cacheFolder }).write('bench', {
        revision: 'r',
        endpoints: makeEndpoints(size),
        loadedAt: Date.now(),
      });
      runs.push({ size, args: [handler, cacheFolder], times: [] });
    }
    // Round by round, so that a busy moment of the machine hits all alike.
    for (let round = 0; round < rounds; round += 1) for (const run of runs) run.times.push(start(run.args));
    const [bare, ...measured] = runs.map((run) => ({ ...run, milliseconds: quarter(run.times) }));
    return measured.map(({ size, milliseconds }) => {
      const beyond = milliseconds - bare.milliseconds;
      return {
        what: `lambda: cold start with ${size.toLocaleString('en')} endpoints in /tmp, beyond bare Node`,
        figure: `+${beyond.toFixed(1)} ms CPU (Node alone: ${bare.milliseconds.toFixed(1)} ms)`,
        target: `at most +${targets[size]} ms`,
        failed: beyond > targets[size],
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As a function would be bundled. */
async function bundle(folder) {
  const outfile = join(folder, 'handler.cjs');
  const options = `{
    stage: 'bench',
    registry: { url: 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql', region: 'eu-west-1' },
    cacheFolder: process.argv[2],
    env: {},
  }`;
  await build({
    stdin: {
      contents: `
        import { createDiscovery } from '@amplify-discovery/lambda';
        ${reportCpu}
        createDiscovery(${options}).resolve('service-7').then(({ origin }) => {
          if (origin !== 'storage') throw new Error(origin);
        });`,
      resolveDir: process.cwd(),
    },
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    logLevel: 'error',
  });
  return outfile;
}

const reportCpu = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(String((user + system) / 1000));
});`;

function start(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`It ended with ${status}: ${stderr}`);
  return Number(stdout);
}

/** The quickest quarter's slowest: whatever else the machine does only adds. */
function quarter(values) {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 4)];
}

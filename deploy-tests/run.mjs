import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChecks } from './create-checks.mjs';
import { startAmplifyServiceStub } from './emulator/start-amplify-service-stub.mjs';
import { startEmulator } from './emulator/start-emulator.mjs';
import { preparePackages } from './prepare-packages.mjs';
import { preparePeers } from './prepare-peers.mjs';
import { stopPrograms } from './run-program.mjs';
import { runAmplifyGen1 } from './stages/amplify-gen1.mjs';
import { runCdk } from './stages/cdk.mjs';
import { runEmulatorDefects } from './stages/emulator-defects.mjs';
import { runOrganization } from './stages/organization.mjs';
import { runRegistryLost } from './stages/registry-lost.mjs';
import { runServerless } from './stages/serverless.mjs';
import { runVerify } from './stages/verify.mjs';

/** What the `discovery` command and the constructs are made of. */
const commandLine = ['console', 'cdk', 'snapshots', 'publisher', 'bridges', 'local', 'lambda', 'router', 'cli'];

/**
 * Each stage with the peers that it needs beside the emulator, and the packages that it deploys with. A long one runs only where it
 * is named.
 */
const stages = {
  defects: { run: runEmulatorDefects, peers: [], packages: [], needsEmulator: false },
  cdk: { run: runCdk, peers: [], packages: ['console', 'cdk', 'snapshots', 'publisher', 'bridges'] },
  organization: { run: runOrganization, peers: [], packages: commandLine },
  verify: { run: runVerify, peers: [], packages: commandLine },
  lost: {
    run: runRegistryLost,
    peers: [],
    isLong: true,
    packages: commandLine,
  },
  serverless: {
    run: runServerless,
    peers: ['osls'],
    packages: ['console', 'bridges', 'cdk', 'snapshots', 'publisher', 'serverless-plugin'],
  },
  gen1: { run: runAmplifyGen1, peers: ['amplify'], packages: ['amplify-plugin', 'snapshots', 'publisher', 'router'] },
};
const commonPackages = ['core', 'aws', 'registry', 'client', 'registrar'];

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(stages, name));
if (unknown !== undefined)
  throw new Error(`There is no stage ${unknown}: choose from ${Object.keys(stages).join(', ')}`);
const chosen = Object.keys(stages).filter((name) =>
  wanted.length === 0 ? !stages[name].isLong : wanted.includes(name),
);

const folder = mkdtempSync(join(tmpdir(), 'deploy-tests-'));
const checks = createChecks();
const running = [];
const longestMinutes = 25;
process.once('SIGINT', () => stopAll().then(() => process.exit(130)));
process.once('SIGTERM', () => stopAll().then(() => process.exit(143)));

try {
  const peers = await preparePeers(new Set(chosen.flatMap((name) => stages[name].peers)));
  stopWhenLate();
  const packages = chosen.flatMap((name) => stages[name].packages);
  await preparePackages([...new Set([...commonPackages, ...packages])]);
  const console = await startAmplifyServiceStub();
  running.push(console);
  // The Amplify CLI mostly waits: 30 s at each deployment. The other stages fit in beside it.
  const sequences = [chosen.filter((name) => name !== 'gen1'), chosen.filter((name) => name === 'gen1')];
  await Promise.all(
    sequences.map(async (names) => {
      for (const name of names) await runStage(name, { peers, console });
    }),
  );
} finally {
  await stopAll();
  if (checks.failed === 0) rmSync(folder, { recursive: true, force: true });
  else process.stdout.write(`What was deployed and the logs are in ${folder}\n`);
}
process.stdout.write(`\n${checks.passed} passed, ${checks.failed} failed\n`);
process.exitCode = checks.failed > 0 || checks.passed === 0 ? 1 : 0;

/** Counted from when everything is installed: a hanging tool must not hang the run. */
function stopWhenLate() {
  setTimeout(() => {
    process.stdout.write(
      `Not done after ${longestMinutes} minutes\n${checks.passed} passed, ${checks.failed + 1} failed\n`,
    );
    void stopAll().then(() => process.exit(1));
  }, longestMinutes * 60_000).unref();
}

async function runStage(name, { peers, console }) {
  const own = join(folder, name);
  const emulator = stages[name].needsEmulator === false ? undefined : await startEmulator({ peers, folder: own });
  if (emulator !== undefined) running.push(emulator);
  await checks.runStage(name, (check) => stages[name].run({ check, emulator, console, peers, folder: own }));
  await emulator?.stop();
}

async function stopAll() {
  stopPrograms();
  for (const service of running.splice(0).reverse()) await service.stop();
}

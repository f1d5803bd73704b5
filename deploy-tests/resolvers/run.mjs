/**
 * Sends the same generated operations to the local registry and to the registry's API in the emulator, whose APPSYNC_JS,
 * GraphQL and DynamoDB are other people's work, and compares data and error types: `node deploy-tests/resolvers/run.mjs`.
 * DIFFERENTIAL_RUNS says how many operations, DIFFERENTIAL_SEED repeats a run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployStack } from '../deploy-stack.mjs';
import { startEmulator } from '../emulator/start-emulator.mjs';
import { preparePackages } from '../prepare-packages.mjs';
import { preparePeers } from '../prepare-peers.mjs';
import { stopPrograms } from '../run-program.mjs';
import { createAsker } from './ask-registry.mjs';
import { createComparison } from './compare-answers.mjs';
import { makeOperations } from './make-operations.mjs';
import { makeRegistryTemplate } from './registry-template.mjs';

const runs = Number(process.env.DIFFERENTIAL_RUNS ?? 1000);
const seed = Number(process.env.DIFFERENTIAL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const openStages = ['open-*', 'Production'];
const shownFaults = 5;

const peers = await preparePeers(new Set()).catch((error) => {
  process.stdout.write(`\nskipped: resolvers against ministack, which can't be installed: ${error.message}\n`);
  process.stdout.write('0 passed, 0 failed, 1 skipped\n');
});
if (peers !== undefined) {
  await preparePackages(['core', 'aws', 'registry', 'local']);
  const folder = mkdtempSync(join(tmpdir(), 'resolvers-'));
  const running = [];
  const stopAll = async () => {
    stopPrograms();
    for (const service of running.splice(0).reverse()) await service.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('SIGINT', () => void stopAll().then(() => process.exit(130)));
  process.once('SIGTERM', () => void stopAll().then(() => process.exit(143)));
  try {
    process.exitCode = (await compareRegistries({ peers, folder, running })) > 0 ? 1 : 0;
  } finally {
    await stopAll();
  }
}

async function compareRegistries({ peers, folder, running }) {
  // One after the other: if the first fails, nothing must be left that is still starting.
  const askLocal = await startLocal(running);
  const askPeer = await startPeer({ peers, folder, running });
  const { compare, counts } = createComparison();
  const outcomes = new Map();
  let failed = 0;
  const started = Date.now();
  for (const [index, operation] of makeOperations(runs, seed).entries()) {
    const [local, peer] = await Promise.all([askLocal(operation), askPeer(operation)]);
    // Both sides would agree in refusing every operation.
    const outdated = local.errors?.find(({ message }) => message.startsWith('Validation error: '));
    if (outdated) throw new Error(`ask-registry.mjs asks for what the schema lacks: ${outdated.message}`);
    const outcome = describeOutcome(operation, local);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const fault = compare(operation, local, peer);
    if (!fault) continue;
    failed += 1;
    if (failed <= shownFaults)
      process.stdout.write(
        `FAIL operation ${index} of seed ${seed}: ${JSON.stringify({ operation, ...fault }, null, 2)}\n`,
      );
  }
  const most = [...outcomes]
    .sort(([, left], [, right]) => right - left)
    .map(([outcome, count]) => `${outcome} ${count}`);
  process.stdout.write(`answers: ${most.join(', ')}\n`);
  for (const [what, count] of counts) process.stdout.write(`differs as intended, ${count} times: ${what}\n`);
  process.stdout.write(`${runs} operations of seed ${seed} in ${Math.round((Date.now() - started) / 1000)} s\n`);
  process.stdout.write(`${runs - failed} passed, ${failed} failed\n`);
  return failed;
}

/** For the reader to see that the operations reach what the resolvers can do. */
function describeOutcome({ field }, { data, errors = [] }) {
  if (errors.length > 0) return errors[0].errorType ?? 'refused by the schema';
  return data[field].change ?? (data[field].unchanged ? 'snapshot unchanged' : field);
}

async function startLocal(running) {
  // Imported once they are built.
  const { startLocalRegistry } = await import('@amplify-discovery/local');
  const { sigv4Transport } = await import('@amplify-discovery/registry/sigv4');
  const { apiKeyTransport } = await import('@amplify-discovery/registry');
  const registry = await startLocalRegistry({ publicByDefault: false, openStages });
  running.push(registry);
  const transports = { iam: sigv4Transport(registry), apiKey: apiKeyTransport(registry) };
  return createAsker({
    actor: 'arn:aws:iam::000000000000:user/local',
    send: async (caller, query, variables) =>
      (await transports[caller]({ query, variables, signal: AbortSignal.timeout(30_000) })).body,
  });
}

async function startPeer({ peers, folder, running }) {
  const { registryDefinition } = await import('@amplify-discovery/registry/definition');
  const emulator = await startEmulator({ peers, folder });
  running.push(emulator);
  const actor = 'arn:aws:iam::000000000000:user/test';
  const variables = { PUBLIC_BY_DEFAULT: 'false', OPEN_STAGES: openStages.join(','), REGISTRARS: actor };
  const stack = await deployStack(emulator, 'registry', makeRegistryTemplate(registryDefinition, variables));
  if (stack.status !== 'CREATE_COMPLETE')
    throw new Error(`The registry did not deploy: ${stack.status} ${stack.reason}`);
  const { host, pathname } = new URL(stack.outputs.Url);
  const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/appsync/aws4_request, Signature=0';
  return createAsker({
    actor,
    send: (caller, query, variables) =>
      post(new URL(pathname, emulator.url), {
        body: JSON.stringify({ query, variables }),
        headers: {
          host,
          'content-type': 'application/json',
          ...(caller === 'iam' ? { authorization } : { 'x-api-key': stack.outputs.Key }),
        },
      }),
  });
}

/** Not fetch, which sets Host itself. */
function post(url, { headers, body }) {
  return new Promise((resolve, reject) => {
    const outgoing = requestHttp(url, { method: 'POST', headers }, (incoming) => {
      const chunks = [];
      incoming.on('error', reject);
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        try {
          resolve(JSON.parse(text));
        } catch {
          reject(new Error(`${incoming.statusCode} ${text.slice(0, 500)}`));
        }
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

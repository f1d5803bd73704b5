import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { routeToEmulator } from '../emulator/start-emulator.mjs';
import { readXml } from '../call-aws.mjs';

/** `discovery verify` as a person runs it, against the emulator as far as that goes. */
export async function runVerify({ check, emulator, folder }) {
  const report = join(folder, 'verification.md');

  await check('verify: deploys, checks and removes everything, and lists what it could not check', async () => {
    const { code, stdout, stderr } = await runCli(emulator, ['verify', '--yes', '--out', report, '--json']).ended;
    assert.notEqual(stdout, '', stderr);
    const { results } = JSON.parse(stdout);
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    assert.deepEqual([code, failed], [0, []], stderr);
    const skipped = results.filter(({ outcome }) => outcome === 'not checked');
    process.stdout.write(
      `     ${results.length - skipped.length} passed; not checked here: ${skipped.map(({ name }) => name).join('; ')}\n`,
    );
    assert.equal(skipped.length, 6);
    assert.ok(skipped.every(({ detail }) => detail.startsWith('the emulator')));
    const text = readFileSync(report, 'utf8');
    assert.ok(results.every(({ name }) => text.includes(`- ${name}`)));
    assert.deepEqual(await findLeftovers(emulator), []);
  });

  await check(
    'verify: Ctrl-C in the middle removes everything, too, and the report says what was not checked',
    async () => {
      const interrupted = join(folder, 'interrupted.md');
      const run = runCli(emulator, ['verify', '--yes', '--out', interrupted]);
      await run.waitFor('passed      IAM reads every record');
      run.child.kill('SIGINT');
      const { code, stdout } = await run.ended;
      assert.equal(code, 130, stdout);
      assert.match(stdout, /not checked +removing the stacks .*: interrupted/);
      assert.match(stdout, /passed +everything is removed/);
      assert.ok(existsSync(interrupted));
      assert.deepEqual(await findLeftovers(emulator), []);
    },
  );

  await check('verify: what a killed run leaves is removed by its name', async () => {
    const run = runCli(emulator, ['verify', '--yes', '--out', join(folder, 'killed.md')]);
    await run.waitFor('passed      two services');
    run.child.kill('SIGKILL');
    await run.ended;
    const [stack] = await findLeftovers(emulator);
    const name = /^discovery-verify-[0-9a-f]{8}/.exec(stack)[0];
    const { code, stdout, stderr } = await runCli(emulator, ['verify', '--remove', name]).ended;
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await findLeftovers(emulator), []);
  });

  await check('verify: says what it takes, and without a yes deploys nothing', async () => {
    const { code, stdout, stderr } = await runCli(emulator, ['verify', '--out', join(folder, 'none.md')]).ended;
    assert.equal(code, 0);
    assert.match(stdout, /together at most \d+ minutes and \$0\.\d\d/);
    assert.match(stderr, /Nothing was deployed/);
    assert.deepEqual(await findLeftovers(emulator), []);
  });
}

/** Stacks and buckets of any run. */
async function findLeftovers(emulator) {
  const xml = await emulator.call('cloudformation', 'DescribeStacks', {});
  const names = readXml(xml, 'StackName');
  const states = readXml(xml, 'StackStatus');
  const stacks = names.filter((name, at) => name.startsWith('discovery-verify-') && states[at] !== 'DELETE_COMPLETE');
  const authorization =
    'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
  const buckets = readXml(await (await fetch(`${emulator.url}/`, { headers: { authorization } })).text(), 'Name');
  return [...stacks, ...buckets.filter((name) => name.startsWith('discovery-verify-'))];
}

/** Runs `discovery` beside this program. */
function runCli(emulator, args) {
  const child = spawn(
    process.execPath,
    [`--require=${routeToEmulator}`, 'packages/cli/dist/esm/main.js', ...args, '--region', 'us-east-1'],
    { env: emulator.env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [stdout, stderr] = ['', ''];
  const waiting = [];
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    for (const { text, resolve } of waiting) if (stdout.includes(text)) resolve();
  });
  const ended = new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  const waitFor = (text) =>
    Promise.race([
      new Promise((resolve) => waiting.push({ text, resolve })),
      ended.then(() => assert.fail(`"${text}" was not printed:\n${stdout}${stderr}`)),
    ]);
  return { child, ended, waitFor };
}

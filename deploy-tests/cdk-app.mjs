import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { deployStack } from './deploy-stack.mjs';
import { putObject } from './put-object.mjs';
import { runProgram } from './run-program.mjs';

/** A CDK app of the fixtures: each deployment is synthesised anew, in a program of its own. */
export function createCdkApp({ emulator, peers, folder, program = 'cdk-app.mjs' }) {
  let runs = 0;

  /** Synthesises the app for the scenario, and gives what deploys its stacks as `cdk deploy` does. */
  async function synthesise(scenario = {}) {
    const out = join(folder, `cdk-${emulator.accessKey}-${(runs += 1)}`);
    const env = { ...process.env, CDK_OUTDIR: out, SCENARIO: JSON.stringify(scenario) };
    await runProgram(process.execPath, [resolve('deploy-tests/fixtures', program)], { env });
    return async (stack) => {
      await uploadAssets(stack, out);
      return deployStack(emulator, stack, readJson(join(out, `${stack}.template.json`)));
    };
  }

  /** Synthesises the app for the scenario and deploys one of its stacks. */
  async function deploy(stack, scenario = {}) {
    return (await synthesise(scenario))(stack);
  }

  /** Puts what the template refers to into the bucket. */
  async function uploadAssets(stack, out) {
    const file = join(out, `${stack}.assets.json`);
    const assets = existsSync(file) ? Object.values(readJson(file).files) : [];
    for (const { source, destinations } of assets) {
      const [{ bucketName, objectKey }] = Object.values(destinations);
      const zip = join(out, `${objectKey.replaceAll('/', '-')}.zip`);
      const path = join(out, source.path);
      if (source.packaging === 'zip') await runProgram(peers.python, ['-m', 'zipfile', '-c', zip, '.'], { cwd: path });
      await putObject(emulator, bucketName);
      await putObject(emulator, `${bucketName}/${objectKey}`, readFileSync(source.packaging === 'zip' ? zip : path));
    }
  }

  return { deploy, synthesise };
}

/** What an app reads to find the registry that the stack `Registry` made. */
export function describeRegistry(outputs, stage) {
  const [url] = Object.entries(outputs)
    .filter(([key]) => key.startsWith('RegistryUrl'))
    .map(([, value]) => value);
  const auth = { mode: 'apiKey', apiKey: outputs.ApiKeyValue };
  return { custom: { discovery: { registry: { url, region: 'us-east-1', auth }, stage } } };
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

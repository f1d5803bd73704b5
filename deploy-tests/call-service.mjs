import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { routeToEmulator } from './emulator/start-emulator.mjs';

/**
 * Calls a service by its name as an app does, in a program of its own that knows nothing but the outputs file. Resolves to
 * the JSON that the service answered.
 */
export function callService(emulator, outputsFile, service, path) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--require=${routeToEmulator}`, fileURLToPath(import.meta.url), outputsFile, service, path],
    { env: emulator.env, encoding: 'utf8', timeout: 60_000 },
  );
  if (status !== 0) throw new Error(`calling ${service} failed:\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , outputsFile, apiName, path] = process.argv;
  const { Amplify } = await import('aws-amplify');
  const { discover } = await import('amplify-discovery');
  const { get } = await import('amplify-discovery/api');
  Amplify.configure(await discover(JSON.parse(readFileSync(outputsFile, 'utf8'))));
  const { body } = await get({ apiName, path }).response;
  process.stdout.write(await body.text());
}

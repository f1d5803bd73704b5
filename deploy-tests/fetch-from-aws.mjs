import { spawnSync } from 'node:child_process';
import { routeToEmulator } from './emulator/start-emulator.mjs';

const program = `
const [, url, init] = process.argv;
fetch(url, JSON.parse(init)).then(async (response) => {
  process.stdout.write(JSON.stringify({ status: response.status, text: await response.text() }));
});`;

/** The answer of an AWS host name, as a program sees it that the emulator's hosts are routed for. */
export function fetchFromAws(emulator, url, init = {}) {
  const args = [`--require=${routeToEmulator}`, '-e', program, url, JSON.stringify(init)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: emulator.env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`${url}: ${stderr}`);
  const answer = JSON.parse(stdout);
  return { status: answer.status, text: answer.text, json: () => JSON.parse(answer.text) };
}

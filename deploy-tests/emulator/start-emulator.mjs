import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { callAws } from '../call-aws.mjs';

const launcher = fileURLToPath(new URL('ministack_with_fixes.py', import.meta.url));
/** Preloaded into the programs that talk to AWS by host name. */
export const routeToEmulator = fileURLToPath(new URL('route-aws-to-emulator.cjs', import.meta.url));
const startSeconds = 60;

/** Starts the emulator on a free port of 127.0.0.1, with nothing in it. `fixes: false` starts it as it is published. */
export async function startEmulator({ peers, folder, fixes = true }) {
  mkdirSync(folder, { recursive: true });
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, 'emulator.log');
  const log = openSync(logFile, 'w');
  const child = spawn(peers.python, [launcher], {
    cwd: folder,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      ...credentials,
      AWS_ENDPOINT_URL: url,
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      MINISTACK_REGION: 'us-east-1',
      MINISTACK_FIXES: fixes ? '1' : '0',
      STATE_DIR: join(folder, 'state'),
      S3_DATA_DIR: join(folder, 's3'),
      // The functions that it runs reach other AWS hosts through it.
      NODE_OPTIONS: `--require=${routeToEmulator}`,
    },
  });
  closeSync(log);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await waitUntilReady(url, child, logFile);
  /** The emulator as it is for one account in one region. */
  const inAccount = (accessKey, region = 'us-east-1') => ({
    url,
    logFile,
    accessKey,
    region,
    env: {
      ...process.env,
      ...credentials,
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
    },
    call: (service, action, parameters) => callAws({ url, accessKey, region }, service, action, parameters),
  });
  return {
    ...inAccount('test'),
    inAccount,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const isOver = await Promise.race([exited.then(() => true), wait(10_000, false, { ref: false })]);
      if (!isOver) child.kill('SIGKILL');
    },
  };
}

/** The emulator takes any; no real ones are read from the machine. */
const credentials = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SESSION_TOKEN: '',
  // Not set, rather than empty: botocore would look for a profile without a name.
  AWS_PROFILE: undefined,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

async function waitUntilReady(url, child, logFile) {
  const end = Date.now() + startSeconds * 1000;
  while (Date.now() < end && child.exitCode === null) {
    const response = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (response?.ok) return;
    await wait(100);
  }
  child.kill('SIGKILL');
  throw new Error(`The emulator did not start:\n${readFileSync(logFile, 'utf8').slice(-4000)}`);
}

function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { probeTarget } from '../src/doctor/probe-target.ts';
import type { Shell } from '../src/terminal/shell.ts';
import { createStage } from './create-stage.ts';
import { createFolder, runCommand } from './test-shell.ts';

let registry: LocalRegistry;
let backend: Server;
let contacted: number;
let target: string;
let cwd: string;
let stage: string;

beforeAll(async () => {
  registry = await startLocalRegistry();
  backend = createServer((_, response) => {
    contacted += 1;
    response.end();
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  target = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
});
afterAll(async () => {
  backend.close();
  await registry.stop();
});
beforeEach(async () => {
  contacted = 0;
  ({ cwd, stage } = await createStage(registry));
});

function run(words: readonly string[], shell: Partial<Shell> = {}) {
  return runCommand(words, {
    cwd,
    env: { DISCOVERY_STAGE: stage },
    probeTarget,
    findStack: async () => 'present',
    ...shell,
  });
}

async function examine(words: readonly string[] = [], shell: Partial<Shell> = {}) {
  const { exitCode, stdout } = await run(['doctor', '--json', ...words], shell);
  const report = JSON.parse(stdout) as {
    checked: number;
    findings: { check: string; subject: string }[];
    fixed: object[];
    unchecked: string[];
  };
  return { exitCode, ...report };
}

test('a healthy stage ends with 0, and what was not checked is listed', async () => {
  await run(['register', 'users', target]);
  const { exitCode, stdout, stderr } = await run(['doctor']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '1 endpoints checked, 0 findings, 0 fixed\n' });
  expect(stderr).toBe('Not checked: CORS: no origin is named\n');
});

test('all faults of a stage are found at once, each with its fix', async () => {
  const port = await closedPort();
  const owner = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/users/1f0c#Users';
  await run(['register', 'dead', `http://127.0.0.1:${port}`]);
  await run(['register', 'Dead', target, '--owner', owner]);
  await run(['register', 'foreign', 'https://evil.example.com']);
  await run(['register', 'preview', target, '--expires', '2h']);
  const { exitCode, findings } = await examine(['--origin', 'https://app.example.com'], {
    findStack: async () => 'gone',
  });
  expect(exitCode).toBe(1);
  expect(findings.map(({ check, subject }) => `${check} ${subject.replace(`${stage}/`, '')}`).sort()).toEqual([
    'connection dead/default',
    'cors Dead/default',
    'cors preview/default',
    `differs-in-case ${stage}`,
    'expires-soon preview/default',
    'owner-gone Dead/default',
    'untrusted-host foreign/default',
  ]);
  for (const finding of findings)
    expect(finding).toMatchObject({ problem: expect.stringMatching(/./), fix: expect.stringMatching(/./) });
});

test('an untrusted host is not contacted, nor any with --no-network', async () => {
  await run(['register', 'users', target]);
  await examine(['--trusted-host', 'api.example.com', '--origin', 'https://app.example.com']);
  await examine(['--no-network', '--origin', 'https://app.example.com']);
  expect(contacted).toBe(0);
  await examine(['--origin', 'https://app.example.com']);
  expect(contacted).toBe(1);
});

test('--fix removes expired records, and none that was registered again in the meantime', async () => {
  await run(['register', 'old', target, '--expires', '1h']);
  await run(['register', 'renewed', target, '--expires', '1h']);
  await run(['register', 'lasting', target]);
  const later = () => Date.now() + 2 * 3_600_000;
  const renewBeforeFix: Partial<Shell> = {
    now: later,
    // This runs between reading the records and fixing them.
    probeTarget: async () => {
      await run(['register', 'renewed', target, '--expires', '1d']);
      return undefined;
    },
  };
  const { exitCode, findings, fixed } = await examine(['--fix'], renewBeforeFix);
  expect(exitCode).toBe(1);
  expect(fixed).toEqual([expect.objectContaining({ check: 'expired', subject: `${stage}/old/default` })]);
  expect(findings.map(({ check, subject }) => [check, subject])).toEqual([['expired', `${stage}/renewed/default`]]);
  const { stdout } = await run(['list', '--json']);
  expect(
    (JSON.parse(stdout) as { endpoints: { service: string }[] }).endpoints.map(({ service }) => service).sort(),
  ).toEqual(['lasting', 'renewed']);
});

test('a record that the registry refuses to remove is reported with the other findings', async () => {
  await run(['register', 'old', target, '--expires', '1h']);
  const { exitCode, stdout, stderr } = await run(['doctor', '--fix', '--no-network'], {
    now: () => Date.now() + 2 * 3_600_000,
    fetch: async (input, init) => {
      if (!`${init?.body}`.includes('mutation')) return fetch(input, init);
      return Response.json({ data: null, errors: [{ errorType: 'ConcurrentChange', message: 'someone else wrote' }] });
    },
  });
  expect(exitCode).toBe(1);
  expect(stdout).toContain(`expired ${stage}/old/default`);
  expect(stderr).toContain(`Not fixed: ${stage}/old/default:`);
});

test('with an API key only, owners are listed as unchecked', async () => {
  await run(['register', 'users', target]);
  const elsewhere = await createFolder();
  const words = [
    '--registry',
    registry.url,
    '--api-key',
    registry.apiKey,
    '--trusted-host',
    '127.0.0.1:*',
    '--region',
    'us-east-1',
  ];
  const { unchecked, findings } = await examine(words, { cwd: elsewhere });
  expect(findings).toEqual([]);
  expect(unchecked).toContain('owners: they can be read with AWS credentials only, and there are none');
});

test('a record cannot forge lines of the report', async () => {
  await run([
    'register',
    'users',
    target,
    '--owner',
    'arn:aws:cloudformation:eu-west-1:111122223333:stack/a/1\nfixed everything#A',
  ]);
  const { stdout } = await run(['doctor'], { findStack: async () => 'gone' });
  expect(stdout).toContain('owner-gone');
  expect(stdout).not.toMatch(/^fixed everything/m);
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { rm, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { prepareProgram, startProcess, type StartedProcess } from './run-process.ts';
import { createFolder, runCommand } from './test-shell.ts';

// Each test starts Node anew, which takes seconds on a machine that is busy.
jest.setTimeout(60_000);

let program: string;
let cwd: string;
let dev: StartedProcess;
let registry: { url: string; apiKey: string };

beforeAll(async () => {
  program = await prepareProgram();
  cwd = await createFolder();
  dev = startProcess(program, ['dev', '--memory', '--json'], cwd);
  registry = JSON.parse(await dev.firstLine) as typeof registry;
});

afterAll(async () => {
  dev.child.kill('SIGINT');
  await dev.done;
  if (program.includes('.cache')) await rm(dirname(program), { recursive: true });
});

function run(...words: string[]) {
  return startProcess(program, words, cwd, { DISCOVERY_STAGE: 'dev' }).done;
}

test('a command finds what discovery dev started, and its exit code is that of the process', async () => {
  expect(await run('register', 'users', 'http://localhost:3000')).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await run('resolve', 'nobody')).exitCode).toBe(3);
});

test('AWS credentials of the environment are used as the AWS SDK finds them', async () => {
  const elsewhere = await createFolder();
  const { accessKeyId, secretAccessKey } = JSON.parse(
    await readFile(join(cwd, '.local/registry.json'), 'utf8'),
  ) as Record<string, string>;
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId as string,
    AWS_SECRET_ACCESS_KEY: secretAccessKey as string,
    AWS_REGION: 'us-east-1',
    DISCOVERY_REGISTRY_URL: registry.url,
    DISCOVERY_STAGE: 'env',
  };
  const registered = await startProcess(program, ['register', 'a', 'http://localhost:1'], elsewhere, env).done;
  expect(registered).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('registry from DISCOVERY_REGISTRY_URL'),
  });
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(await readFile('packages/cli/package.json', 'utf8')) as { version: string };
  expect(await run('--version')).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});

test('Ctrl-C stops discovery dev with success, and its port is free again', async () => {
  const own = startProcess(program, ['dev', '--memory', '--json'], await createFolder());
  const { url } = JSON.parse(await own.firstLine) as { url: string };
  own.child.kill('SIGINT');
  expect((await own.done).exitCode).toBe(0);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

/** Answers DescribeStacks as CloudFormation does, in XML, and records the requests. */
async function startStacks(states: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const stackId = new URLSearchParams(body).get('StackName') ?? '';
      const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
      asked.push(`${region} ${stackId.split('/')[1]}`);
      const state = Object.entries(states).find(([name]) => stackId.includes(`/${name}/`))?.[1];
      response.writeHead(state === undefined ? 400 : 200, { 'content-type': 'text/xml' });
      response.end(
        state === undefined
          ? `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${stackId} does not exist</Message></Error><RequestId>1</RequestId></ErrorResponse>`
          : `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackId>${stackId}</StackId><StackName>s</StackName><StackStatus>${state}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}`, stop: () => server.close() };
}

test('doctor asks CloudFormation about the owners, in their regions', async () => {
  const owner = (name: string) => `arn:aws:cloudformation:eu-west-1:111122223333:stack/${name}/1f0c#Users`;
  for (const name of ['there', 'gone', 'foreign']) {
    await runCommand(['register', name, 'http://localhost:1', '--stage', 'owned', '--owner', owner(name)], { cwd });
  }
  const stacks = await startStacks({ there: 'UPDATE_COMPLETE', gone: 'DELETE_COMPLETE' });
  const env = {
    AWS_ENDPOINT_URL_CLOUDFORMATION: stacks.url,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  const words = ['doctor', '--stage', 'owned', '--no-network', '--json'];
  const { exitCode, stdout } = await startProcess(program, words, cwd, env).done;
  stacks.stop();
  expect(exitCode).toBe(1);
  expect(stacks.asked.sort()).toEqual(['eu-west-1 foreign', 'eu-west-1 gone', 'eu-west-1 there']);
  const { findings, unchecked } = JSON.parse(stdout) as {
    findings: { check: string; subject: string }[];
    unchecked: string[];
  };
  expect(findings.map(({ check, subject }) => [check, subject])).toEqual([['owner-gone', 'owned/gone/default']]);
  expect(unchecked).toEqual(
    expect.arrayContaining([expect.stringContaining("stack/foreign/1f0c: CloudFormation doesn't know it")]),
  );
});

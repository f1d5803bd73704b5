import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { DeployInput } from '@amplify-discovery/test-rig/cloudformation';
import { build, stop } from 'esbuild';
import { registrar, startDeployment, type Deployment } from './start-deployment.ts';

// Where install-frameworks.js put them. Packaging takes seconds each time, so these tests run only where this is set.
const root = process.env.SERVERLESS_FRAMEWORKS;
const frameworks = (
  JSON.parse(readFileSync('packages/serverless-plugin/test/frameworks.json', 'utf8')) as {
    name: string;
    version: string;
  }[]
).map(({ name, version }) => ({
  title: `${name} ${version}`,
  program: join(resolve(root ?? ''), `${name}-${version}`, 'node_modules', name, 'bin/serverless.js'),
}));

jest.setTimeout(180_000);

let deployment: Deployment;
let folder: string;

beforeAll(async () => {
  deployment = await startDeployment();
});
afterAll(async () => {
  await stop();
  await deployment.stop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serverless-service-'));
  await writeFile(join(folder, 'hello.js'), 'exports.handler = async () => ({ statusCode: 200 });\n');
  await installPlugin();
});
afterEach(() => rm(folder, { recursive: true }));

/** The plugin as it was built where the tests run on that, otherwise its sources in one file. */
async function installPlugin(): Promise<void> {
  const scope = join(folder, 'node_modules/@amplify-discovery');
  const sources = resolve('packages/serverless-plugin');
  await mkdir(scope, { recursive: true });
  if (process.env.TEST_DIST) return symlink(sources, join(scope, 'serverless-plugin'));
  await build({
    entryPoints: [join(sources, 'src/index.ts')],
    outfile: join(scope, 'serverless-plugin/index.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['@amplify-discovery/source'],
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
  });
}

interface Settings {
  readonly discovery: object;
  readonly custom?: object;
  readonly provider?: object;
}

async function run(program: string, { discovery, custom, provider }: Settings, ...words: string[]) {
  const service = {
    service: 'users',
    provider: { name: 'aws', runtime: 'nodejs20.x', region: 'eu-west-1', deploymentBucket: 'bucket', ...provider },
    plugins: ['@amplify-discovery/serverless-plugin'],
    custom: { discovery, ...custom },
    functions: {
      http: { handler: 'hello.handler', events: [{ httpApi: 'GET /users' }] },
      'rest-of-it': { handler: 'hello.handler', events: [{ http: 'GET /users' }] },
      socket: { handler: 'hello.handler', events: [{ websocket: '$connect' }] },
      hook: { handler: 'hello.handler', url: true },
    },
    resources: { Resources: { GraphQlApi: { Type: 'AWS::AppSync::GraphQLApi', Properties: { Name: 'users' } } } },
  };
  await writeFile(join(folder, 'serverless.json'), JSON.stringify(service));
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ACCESS_KEY_ID: deployment.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: deployment.credentials.secretAccessKey,
    SLS_TELEMETRY_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
  };
  return promisify(execFile)(process.execPath, [program, ...words], { cwd: folder, env });
}

/** What was packaged, with the values that AWS would give its resources. */
async function readDeployInput(): Promise<DeployInput> {
  const template = JSON.parse(
    await readFile(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
  ) as DeployInput['template'];
  return {
    template,
    values: {
      DiscoveryRegistrar: registrar,
      HttpApi: 'http',
      ApiGatewayRestApi: 'rest',
      WebsocketsApi: 'socket',
      'HookLambdaFunctionUrl.FunctionUrl': 'https://hook.lambda-url.eu-west-1.on.aws/',
      'RestDashofDashitLambdaFunction.Arn': 'arn:aws:lambda:eu-west-1:111122223333:function:rest-of-it',
    },
  };
}

const describeInstalled = root === undefined ? describe.skip : describe;

describeInstalled.each(frameworks)('$title', ({ title, program }) => {
  const service = title.replaceAll(/[^a-z]/g, '');

  test('packages every kind of endpoint so that CloudFormation registers and removes it', async () => {
    const endpoints = [
      { httpApi: true },
      { restApi: true, id: 'rest' },
      { websocket: true, id: 'socket' },
      { functionUrl: 'hook', id: 'hook' },
      { function: 'rest-of-it', id: 'function' },
      { target: 'https://users.example.com', id: 'domain', metadata: { team: 'blue' } },
    ];
    const discovery = { registry: 'main', service, version: '1.4.2', renew: true, endpoints };
    await run(program, { discovery }, 'package', '--stage', 'pr-9');
    const packaged = await readDeployInput();
    expect(JSON.stringify(packaged.template).match(/"RenewedOn":"\d{4}-\d\d-\d\d"/g)).toHaveLength(endpoints.length);
    const stack = await deployment.cloudFormation.createStack('users-pr-9', packaged);
    expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', reason: undefined });
    const found = await deployment.find(service);
    expect(
      found
        .map(({ stage, id, kind, target, signingService, version }) => [
          stage,
          id,
          kind,
          target,
          signingService,
          version,
        ])
        .sort(),
    ).toEqual([
      ['pr-9', 'default', 'http', 'https://http.execute-api.eu-west-1.amazonaws.com', 'execute-api', '1.4.2'],
      ['pr-9', 'domain', 'rest', 'https://users.example.com', 'execute-api', '1.4.2'],
      ['pr-9', 'function', 'function', 'arn:aws:lambda:eu-west-1:111122223333:function:rest-of-it', 'lambda', '1.4.2'],
      ['pr-9', 'hook', 'http', 'https://hook.lambda-url.eu-west-1.on.aws', 'lambda', '1.4.2'],
      ['pr-9', 'rest', 'rest', 'https://rest.execute-api.eu-west-1.amazonaws.com/pr-9', 'execute-api', '1.4.2'],
      ['pr-9', 'socket', 'websocket', 'wss://socket.execute-api.eu-west-1.amazonaws.com/pr-9', 'execute-api', '1.4.2'],
    ]);
    await deployment.cloudFormation.deleteStack(stack);
    expect(await deployment.find(service)).toEqual([]);
  });

  test('finds a GraphQL API of the resources section, and waits for what it depends on', async () => {
    const discovery = {
      registrar: { 'Fn::ImportValue': 'registrar' },
      endpoints: [{ graphqlApi: 'GraphQlApi' }, { restApi: true, id: 'rest' }],
    };
    await run(program, { discovery }, 'package');
    const { template } = await readDeployInput();
    const [graphql, rest] = Object.values(template.Resources).filter(({ Type }) => Type === 'Custom::ServiceEndpoint');
    expect(graphql?.Properties).toMatchObject({
      ServiceToken: { 'Fn::ImportValue': 'registrar' },
      Stage: 'dev',
      Kind: 'graphql',
      GraphqlApiId: { 'Fn::GetAtt': ['GraphQlApi', 'ApiId'] },
    });
    expect(rest?.DependsOn).toEqual([expect.stringMatching(/^ApiGatewayDeployment/)]);
  });

  test('registers APIs without their default endpoint by the domains of serverless-domain-manager', async () => {
    const off = { disableDefaultEndpoint: true };
    const settings = {
      discovery: { service: `${service}-domain`, endpoints: [{ httpApi: true }, { restApi: true, id: 'rest' }] },
      provider: { httpApi: off, apiGateway: off },
    };
    const customDomain = {
      http: { domainName: 'http.example.com', basePath: 'users' },
      rest: { domainName: 'rest.example.com' },
    };
    await run(program, { ...settings, custom: { customDomain } }, 'package');
    await deployment.cloudFormation.createStack('users-domain', await readDeployInput());
    const found = await deployment.find(`${service}-domain`);
    expect(found.map(({ id, target }) => [id, target]).sort()).toEqual([
      ['default', 'https://http.example.com/users'],
      ['rest', 'https://rest.example.com'],
    ]);
    const { stdout, stderr } = (await run(program, settings, 'package').catch((error: unknown) => error)) as {
      stdout: string;
      stderr: string;
    };
    expect(`${stdout}${stderr}`).toContain('give target: the URL of its custom domain');
  });

  test('fails to package what it cannot register, and says what to write', async () => {
    const failed = run(program, { discovery: { discoveryServiceUri: 'https://old.example.com' } }, 'package');
    await expect(failed).rejects.toMatchObject({ code: 1 });
    const { stdout, stderr } = (await failed.catch((error: unknown) => error)) as { stdout: string; stderr: string };
    expect(`${stdout}${stderr}`).toContain('write registry: NAME');
    expect(existsSync(join(folder, '.serverless/cloudformation-template-update-stack.json'))).toBe(false);
  });

  test('shows with `discovery` what is registered', async () => {
    const { registryUrl } = deployment;
    const { stdout } = await run(program, { discovery: { registryUrl, httpApi: true } }, 'discovery');
    expect(stdout).toContain('Nothing is registered.');
  });
});

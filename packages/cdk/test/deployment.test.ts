import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ServiceRegistration, ServiceRegistry, type EndpointOptions } from '@amplify-discovery/cdk';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { findService, setRule } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import {
  findLambdaFunction,
  startCloudFormation,
  startLambda,
  type CloudFormation,
  type Stack as DeployedStack,
  type Template as DeployedTemplate,
} from '@amplify-discovery/test-rig/cloudformation';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { makeApp } from './make-app.ts';
import { makeBundles } from './make-bundles.ts';

// Loading aws-cdk-lib and synthesising takes seconds.
jest.setTimeout(60_000);

/** Synthesised stacks, the registrar's code and settings out of a synthesised template, and a registry: all real. */
const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';
let local: LocalRegistry;
let cloudFormation: CloudFormation;
let limitedToken: string;

beforeAll(async () => {
  makeBundles('registrar');
  local = await startLocalRegistry({ region: 'eu-west-1' });
  const app = makeApp({ 'aws:cdk:enable-asset-metadata': true });
  const stack = new Stack(app, 'Platform');
  const { serviceToken } = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false }).grantRegister(
    new AccountPrincipal('1'.repeat(12)),
    {
      scope: 'team-shop',
    },
  );
  const transport = sigv4Transport(local);
  const verbs = ['register', 'deregister'] as const;
  await setRule(transport, { kind: 'scope', name: 'team-shop', services: ['shop-*'], verbs });
  const template = Template.fromStack(stack).toJSON() as DeployedTemplate;
  const alias = Object.entries(template.Resources).find(([name]) => stack.resolve(serviceToken).Ref === name)?.[1];
  limitedToken = `${functionArn}:${String(alias?.Properties?.Name)}`;

  const apiUrl = Object.keys(template.Resources).find(
    (name) => template.Resources[name]?.Type === 'AWS::AppSync::GraphQLApi',
  );
  const registrar = findLambdaFunction(template, {
    logicalId: 'RegistryRegistrarFunction',
    assemblyFolder: app.outdir,
    values: { [`${apiUrl}.GraphQLUrl`]: local.url, 'AWS::Region': 'eu-west-1' },
  });
  const { accessKeyId, secretAccessKey } = local.credentials;
  const credentials = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const lambda = startLambda({ ...registrar, environment: { ...registrar.environment, ...credentials } });
  cloudFormation = await startCloudFormation({ lambda });
});

afterAll(async () => {
  await cloudFormation.stop();
  await local.stop();
});

interface Deployed extends EndpointOptions {
  readonly service: string;
  readonly stage?: string;
  readonly serviceToken?: string;
}

/** A stack with an HttpApi that is registered, and a queue beside it that can fail. */
function synthesise({ service, stage = 'dev', serviceToken = functionArn, ...options }: Deployed) {
  const stack = new Stack(makeApp(), 'Users');
  const url = 'https://x.appsync-api.eu-west-1.amazonaws.com/graphql';
  const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', { url, serviceToken });
  const api = new HttpApi(stack, 'Api');
  const registration = new ServiceRegistration(stack, 'Registration', { registry, service, stage, api, ...options });
  const queue = new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue' });
  queue.node.addDependency(registration);
  const apiId = stack.getLogicalId(api.node.defaultChild as CfnResource);
  return { template: Template.fromStack(stack).toJSON() as DeployedTemplate, values: { [apiId]: 'abc' } };
}

async function find(service: string) {
  const found = await findService(sigv4Transport(local), service, { withOwner: true, timeoutMs: 60_000 });
  return found.map(({ stage, target, owner, version }) => ({ stage, target, version, stack: owner?.split('#')[0] }));
}

const target = 'https://abc.execute-api.eu-west-1.amazonaws.com';
const idOf = (stack: DeployedStack) => [...stack.resources.values()][0]?.physicalResourceId;

test('deploying registers the API, deploying again updates it in place, and removing the stack de-registers it', async () => {
  const stack = await cloudFormation.createStack('users', synthesise({ service: 'users' }));
  expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', reason: undefined });
  expect(await find('users')).toEqual([{ stage: 'dev', target, version: null, stack: stack.id }]);
  const id = idOf(stack);
  await cloudFormation.updateStack(stack, synthesise({ service: 'users', version: '2.0.0' }));
  expect([stack.status, idOf(stack)]).toEqual(['UPDATE_COMPLETE', id]);
  expect(await find('users')).toEqual([{ stage: 'dev', target, version: '2.0.0', stack: stack.id }]);
  await cloudFormation.deleteStack(stack);
  expect(stack.status).toBe('DELETE_COMPLETE');
  expect(await find('users')).toEqual([]);
});

test('another service or stage moves the registration', async () => {
  const stack = await cloudFormation.createStack('app', synthesise({ service: 'renamed-1' }));
  await cloudFormation.updateStack(stack, synthesise({ service: 'renamed-2' }));
  expect([await find('renamed-1'), await find('renamed-2')]).toEqual([[], [expect.objectContaining({ stage: 'dev' })]]);
  await cloudFormation.updateStack(stack, synthesise({ service: 'renamed-2', stage: 'prod' }));
  expect(await find('renamed-2')).toEqual([expect.objectContaining({ stage: 'prod' })]);
});

test('taking the construct out of the stack de-registers', async () => {
  const stack = await cloudFormation.createStack('app', synthesise({ service: 'dropped' }));
  await cloudFormation.updateStack(stack, { template: { Resources: {} } });
  expect([stack.status, await find('dropped')]).toEqual(['UPDATE_COMPLETE', []]);
});

test('a deployment that fails leaves nothing when it is the first, and what was there when it is not', async () => {
  const first = await cloudFormation.createStack('app', { ...synthesise({ service: 'failing' }), fail: ['Queue'] });
  expect([first.status, await find('failing')]).toEqual(['ROLLBACK_COMPLETE', []]);
  const stack = await cloudFormation.createStack('app', synthesise({ service: 'failing', version: '1.0.0' }));
  await cloudFormation.updateStack(stack, { ...synthesise({ service: 'failing', version: '2.0.0' }), fail: ['Queue'] });
  expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  await cloudFormation.updateStack(stack, { ...synthesise({ service: 'failing-renamed' }), fail: ['Queue'] });
  expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await find('failing')).toEqual([{ stage: 'dev', target, version: '1.0.0', stack: stack.id }]);
  expect(await find('failing-renamed')).toEqual([]);
});

test('of two stacks that claim one name the second fails, unless it takes over, and then the first removes nothing', async () => {
  const first = await cloudFormation.createStack('first', synthesise({ service: 'claimed' }));
  const second = await cloudFormation.createStack('second', synthesise({ service: 'claimed' }));
  expect([second.status, second.reason]).toEqual([
    'ROLLBACK_COMPLETE',
    expect.stringContaining('RegistrationConflict'),
  ]);
  expect(await find('claimed')).toEqual([expect.objectContaining({ stack: first.id })]);
  const third = await cloudFormation.createStack('third', synthesise({ service: 'claimed', takeover: true }));
  await cloudFormation.deleteStack(first);
  expect([first.status, await find('claimed')]).toEqual([
    'DELETE_COMPLETE',
    [expect.objectContaining({ stack: third.id })],
  ]);
});

test('a Delete that comes late does nothing to what the stack\u2019s successor registered', async () => {
  const old = await cloudFormation.createStack('app', synthesise({ service: 'recreated' }));
  await cloudFormation.deleteStack(old);
  const fresh = await cloudFormation.createStack('app', synthesise({ service: 'recreated' }));
  for (const delivered of old.events) await cloudFormation.deliverAgain(delivered);
  expect(await find('recreated')).toEqual([expect.objectContaining({ stack: fresh.id })]);
});

test('a deployment with a limited token registers its own services and no others', async () => {
  const own = await cloudFormation.createStack(
    'shop',
    synthesise({ service: 'shop-search', serviceToken: limitedToken }),
  );
  expect([own.status, (await find('shop-search')).length]).toEqual(['CREATE_COMPLETE', 1]);
  const other = await cloudFormation.createStack(
    'shop',
    synthesise({ service: 'billing', serviceToken: limitedToken }),
  );
  expect([other.status, other.reason]).toEqual([
    'ROLLBACK_COMPLETE',
    expect.stringContaining('Scope "team-shop" does not let it register "billing"'),
  ]);
  expect(await find('billing')).toEqual([]);
});

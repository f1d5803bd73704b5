import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DeployInput } from '@amplify-discovery/test-rig/cloudformation';
import type { Naming } from '../src/describe-endpoint.ts';
import { planResources } from '../src/plan-resources.ts';
import { readConfig } from '../src/read-config.ts';
import type { Template } from '../src/template.ts';
import { registrar, startDeployment, type Deployment } from './start-deployment.ts';

let deployment: Deployment;
let serviceNumber = 0;

beforeAll(async () => {
  deployment = await startDeployment();
});
afterAll(() => deployment.stop());

const naming: Naming = {
  getRestApiLogicalId: () => 'ApiGatewayRestApi',
  getHttpApiLogicalId: () => 'HttpApi',
  getWebsocketsApiLogicalId: () => 'WebsocketsApi',
  getLambdaLogicalId: (name) => `${name}LambdaFunction`,
  getLambdaFunctionUrlLogicalId: (name) => `${name}LambdaFunctionUrl`,
};

/** A service with one HTTP API and a queue that may fail, compiled, with what the plugin adds. */
function compile(service: string, custom: object = {}, day = '2026-11-26'): DeployInput {
  const address = [
    'https://',
    { Ref: 'HttpApi' },
    '.execute-api.',
    { Ref: 'AWS::Region' },
    '.',
    { Ref: 'AWS::URLSuffix' },
  ];
  const template: Template = {
    Resources: {
      HttpApi: { Type: 'AWS::ApiGatewayV2::Api' },
      HttpApiStage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: { Ref: 'HttpApi' } } },
    },
    Outputs: { HttpApiUrl: { Value: { 'Fn::Join': ['', address] } } },
  };
  const config = readConfig({ registry: 'main', ...custom }, { service, stage: 'dev' });
  const { Parameters, Resources } = planResources(config, { template, naming, provider: {} }, new Date(day));
  const [added = ''] = Object.keys(Resources);
  return {
    template: {
      ...template,
      Parameters: Parameters as Record<string, { Type: string }>,
      Resources: { ...template.Resources, ...Resources, Queue: { Type: 'AWS::SQS::Queue', DependsOn: added } },
    },
    values: { HttpApi: 'abc', DiscoveryRegistrar: registrar },
  };
}

function nameService(): string {
  serviceNumber += 1;
  return `service-${serviceNumber}`;
}

const url = 'https://abc.execute-api.eu-west-1.amazonaws.com';

test('a deployment registers, and removing the service de-registers', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const stack = await cloudFormation.createStack(
    'users-dev',
    compile(service, { version: '1.4.2', weight: 10, metadata: { team: 'blue' } }),
  );
  expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', reason: undefined });
  expect(await find(service)).toEqual([
    expect.objectContaining({
      stage: 'dev',
      id: 'default',
      kind: 'http',
      target: url,
      region: 'eu-west-1',
      signingService: 'execute-api',
      authMode: null,
      version: '1.4.2',
      weight: 10,
      metadata: '{"team":"blue"}',
      owner: expect.stringContaining(stack.id),
    }),
  ]);
  await cloudFormation.deleteStack(stack);
  expect(stack.status).toBe('DELETE_COMPLETE');
  expect(await find(service)).toEqual([]);
});

test('an update changes the record in place', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const stack = await cloudFormation.createStack('users-dev', compile(service, { version: '1.0.0' }));
  await cloudFormation.updateStack(stack, compile(service, { version: '2.0.0' }));
  expect(stack.status).toBe('UPDATE_COMPLETE');
  expect(stack.events.map(({ event }) => event.RequestType)).toEqual(['Create', 'Update']);
  expect(await find(service)).toEqual([expect.objectContaining({ version: '2.0.0' })]);
});

test('a preview that nothing has changed is registered anew once a day, where it is to be renewed', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const deploy = (day: string) => compile(service, { endpoints: [{ httpApi: true, renew: true }] }, day);
  const stack = await cloudFormation.createStack('users-dev', deploy('2026-11-26'));
  const [first] = await find(service);
  await cloudFormation.updateStack(stack, deploy('2026-11-26'));
  expect(await find(service)).toEqual([first]);
  await cloudFormation.updateStack(stack, deploy('2026-11-27'));
  expect(stack.events.map(({ event }) => event.RequestType)).toEqual(['Create', 'Update']);
  expect(await find(service)).toEqual([expect.objectContaining({ target: url, registeredAt: first?.registeredAt })]);
  expect((await find(service))[0]?.updatedAt).not.toBe(first?.updatedAt);
});

test('a rename registers the new name and leaves nothing of the old one', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const stack = await cloudFormation.createStack('users-dev', compile(service));
  await cloudFormation.updateStack(stack, compile(`${service}-new`));
  expect(stack.status).toBe('UPDATE_COMPLETE');
  expect(await find(service)).toEqual([]);
  expect(await find(`${service}-new`)).toHaveLength(1);
});

test('an update that fails brings the old record back', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const stack = await cloudFormation.createStack('users-dev', compile(service, { version: '1.0.0' }));
  await cloudFormation.updateStack(stack, { ...compile(service, { version: '2.0.0' }), fail: ['Queue'] });
  expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await find(service)).toEqual([expect.objectContaining({ version: '1.0.0' })]);
});

test('a first deployment that fails leaves nothing', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const stack = await cloudFormation.createStack('users-dev', { ...compile(service), fail: ['Queue'] });
  expect(stack.status).toBe('ROLLBACK_COMPLETE');
  expect(await find(service)).toEqual([]);
});

test('a name that another stack holds fails the deployment and stays where it is, unless it is taken over', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const first = await cloudFormation.createStack('first', compile(service));
  const second = await cloudFormation.createStack('second', compile(service));
  expect(second).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringContaining('RegistrationConflict'),
  });
  expect(await find(service)).toEqual([expect.objectContaining({ owner: expect.stringContaining(first.id) })]);
  const third = await cloudFormation.createStack('third', compile(service, { takeover: true }));
  expect(third.status).toBe('CREATE_COMPLETE');
  expect(await find(service)).toEqual([expect.objectContaining({ owner: expect.stringContaining(third.id) })]);
});

test('a delete that comes late removes nothing that a newer deployment registered', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const old = await cloudFormation.createStack('users-dev', compile(service));
  await cloudFormation.deleteStack(old);
  const fresh = await cloudFormation.createStack('users-dev', compile(service));
  for (const delivered of old.events) await cloudFormation.deliverAgain(delivered);
  expect(await find(service)).toEqual([expect.objectContaining({ owner: expect.stringContaining(fresh.id) })]);
});

test('a registration moves to another registrar without a change of its service token, which CloudFormation refuses', async () => {
  const { cloudFormation, find } = deployment;
  const service = nameService();
  const stack = await cloudFormation.createStack('users-dev', compile(service));
  await cloudFormation.updateStack(stack, compile(service, { registry: undefined, registrar, takeover: true }));
  expect(stack.status).toBe('UPDATE_COMPLETE');
  expect(stack.events.map(({ event }) => event.RequestType)).toEqual(['Create', 'Create', 'Delete']);
  expect(await find(service)).toHaveLength(1);
});

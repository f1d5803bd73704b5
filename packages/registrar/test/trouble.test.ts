import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  functionArn,
  makeTemplate,
  startDeployment,
  type Deployment,
  type DeploymentOptions,
} from './start-deployment.ts';
import { removeRule, setRule } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startGate, type Gate } from './start-gate.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function start(options: DeploymentOptions = {}): Promise<Deployment & { gate: Gate }> {
  const gate = await startGate();
  const deployment = await startDeployment({ ...options, makeRegistryUrl: gate.makeUrl });
  cleanUps.push(deployment.stop, gate.stop);
  return { ...deployment, gate };
}

describe('CloudFormation deletes what it still creates', () => {
  test('and the Create that the Delete has overtaken registers nothing, although it arrives last', async () => {
    const { cloudFormation, find, gate } = await start();
    gate.closeTo('mutation registerEndpoint');
    const creating = cloudFormation.createStack('app', {
      template: makeTemplate(),
      inFlight: ['Users'],
      fail: ['Queue'],
    });
    await gate.waitForAnswer(); // the Delete has passed the Create, which waits
    gate.set('open');
    const stack = await creating;
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(stack.events.map(({ answer }) => answer?.Status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(await find('users')).toEqual([]);
  });

  test('and the Delete ends well when the Create died before it registered anything', async () => {
    const { cloudFormation, find, lambda, gate } = await start({ timeoutMs: 2000 });
    gate.set('closed');
    const creating = cloudFormation.createStack('app', { template: makeTemplate() });
    await gate.waitFor(1);
    for (const id of lambda.processIds) process.kill(id, 'SIGKILL');
    gate.set('broken');
    gate.set('open');
    const stack = await creating;
    expect(stack).toMatchObject({
      status: 'ROLLBACK_COMPLETE',
      reason: 'Users did not respond within the service timeout',
    });
    expect(stack.events[0]?.invocation).toEqual({ end: 'killed' });
    expect(stack.events[1]?.answer?.Status).toBe('SUCCESS');
    expect(await find('users')).toEqual([]);
  });
});

describe('CloudFormation rolls back what it still updates', () => {
  test('and the value of the cancelled update does not stay, although it arrives last', async () => {
    const { cloudFormation, find, gate } = await start();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate() });
    const [before] = await find('users');
    gate.closeTo('cancelled.example.com');
    const updating = cloudFormation.updateStack(stack, {
      template: makeTemplate({ Target: 'https://cancelled.example.com' }),
      inFlight: ['Users'],
      fail: ['Queue'],
    });
    await gate.waitForAnswer(); // the rollback has passed the update, which waits
    gate.set('open');
    expect((await updating).status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.events.map(({ answer }) => answer?.Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(await find('users')).toEqual([expect.objectContaining({ target: before?.target })]);
  });
});

describe('every event is answered', () => {
  test("in time, when the registry doesn't answer; and the stack can be deleted later", async () => {
    const { cloudFormation, find, gate } = await start({ timeoutMs: 2000 });
    gate.set('closed');
    const stack = await cloudFormation.createStack('app', { template: makeTemplate() });
    expect(stack.events.map(({ answer, invocation }) => [answer?.Status, invocation.end])).toEqual([
      ['FAILED', 'returned'],
      ['FAILED', 'returned'],
    ]);
    expect(stack.status).toBe('ROLLBACK_FAILED');
    expect(stack.reason).toMatch(/^RegistryUnavailable: The registrar had no answer from the registry/);
    gate.set('broken');
    gate.set('open');
    await cloudFormation.deleteStack(stack);
    expect(stack.status).toBe('DELETE_COMPLETE');
    expect(await find('users')).toEqual([]);
  });

  test("with the reason, when the registry can't be reached", async () => {
    const { cloudFormation, gate } = await start({ timeoutMs: 2000 });
    gate.set('broken');
    const stack = await cloudFormation.createStack('app', { template: makeTemplate() });
    expect(stack.reason).toMatch(/^RegistryUnavailable: registerEndpoint of "users" in "dev"/);
    expect(
      stack.events.every(({ answer, response }) => answer?.Status === 'FAILED' && response.answers.length === 1),
    ).toBe(true);
  });

  test('when the registry refuses the role, at once', async () => {
    const { cloudFormation } = await start({ environment: { AWS_SECRET_ACCESS_KEY: 'wrong' } });
    const stack = await cloudFormation.createStack('app', { template: makeTemplate() });
    expect(stack.reason).toMatch(/^RegistryDenied: /);
  });

  test.each([
    ['REGISTRY_URL', ''],
    ['REGISTRY_URL', 'nonsense'],
    ['AWS_ACCESS_KEY_ID', ''],
  ])('when the function is configured wrongly: %s=%s', async (name, value) => {
    const { cloudFormation } = await start({ environment: { [name]: value } });
    const stack = await cloudFormation.createStack('app', { template: makeTemplate() });
    expect(stack.events[0]?.answer?.Status).toBe('FAILED');
    expect(stack.reason).toMatch(name.startsWith('AWS') ? /credentials/ : new RegExp(name));
  });
});

describe('a deployment whose role may call one alias only', () => {
  const alias = `${functionArn}:team-users`;
  /** The registry's rule of that name is changed without touching the function or a stack. */
  async function startScoped(services: readonly string[] = ['user-*']) {
    const deployment = await start();
    const allow = (allowed: readonly string[]) =>
      setRule(sigv4Transport(deployment.registry), {
        kind: 'scope',
        name: 'team-users',
        services: allowed,
        verbs: ['register', 'deregister'],
      });
    await allow(services);
    return { ...deployment, allow };
  }

  test('registers, renames and removes the services of that alias', async () => {
    const { cloudFormation, find } = await startScoped();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service: 'user-api' }, alias) });
    expect(stack.status).toBe('CREATE_COMPLETE');
    await cloudFormation.updateStack(stack, { template: makeTemplate({ Service: 'user-photos' }, alias) });
    expect([await find('user-api'), await find('user-photos')]).toEqual([[], [expect.anything()]]);
    await cloudFormation.deleteStack(stack);
    expect(await find('user-photos')).toEqual([]);
  });

  test('registers no other service, and is rolled back cleanly', async () => {
    const { cloudFormation, find } = await startScoped();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service: 'orders' }, alias) });
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(stack.reason).toMatch(/^RegistryDenied: .*"orders"/);
    expect(await find('orders')).toEqual([]);
  });

  test('removes no other service, even with a forged event in the name of its stack', async () => {
    const { cloudFormation, find } = await startScoped();
    const orders = await cloudFormation.createStack('orders', { template: makeTemplate({ Service: 'orders' }) });
    const { events } = await cloudFormation.deleteStack(
      await cloudFormation.createStack('twin', { template: makeTemplate({ Service: 'twin' }) }),
    );
    const [created] = orders.events;
    const [, removal] = events;
    if (!created || !removal) throw new Error('there are events');
    const PhysicalResourceId = orders.resources.get('Users')?.physicalResourceId ?? '';
    const { StackId, ResourceProperties } = created.event;
    for (const id of [PhysicalResourceId, 'orders-Users-0123456789AB']) {
      const event = { ...removal.event, StackId, ResourceProperties, PhysicalResourceId: id };
      await cloudFormation.deliverAgain({ ...removal, event, serviceToken: alias });
    }
    expect(removal.response.answers).toHaveLength(3);
    expect(removal.response.answers[1]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^RegistryDenied/),
    });
    expect(await find('orders')).toHaveLength(1);
  });

  test('gets nothing through an alias without a scope', async () => {
    const { cloudFormation } = await startScoped();
    const template = makeTemplate({ Service: 'user-api' }, `${functionArn}:nobody`);
    expect((await cloudFormation.createStack('app', { template })).reason).toMatch(/^RegistryDenied/);
  });

  test('registers what its scope is widened to, by the same template', async () => {
    const { cloudFormation, find, allow } = await startScoped([]);
    const template = makeTemplate({ Service: 'orders' }, alias);
    expect((await cloudFormation.createStack('app', { template })).status).toBe('ROLLBACK_COMPLETE');
    await allow(['orders']);
    expect((await cloudFormation.createStack('app', { template })).status).toBe('CREATE_COMPLETE');
    expect(await find('orders')).toHaveLength(1);
  });

  test('is rolled back to the key that it had where its scope lacks the new one', async () => {
    const { cloudFormation, find } = await startScoped();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service: 'user-api' }, alias) });
    await cloudFormation.updateStack(stack, { template: makeTemplate({ Service: 'orders' }, alias) });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect([(await find('user-api')).length, (await find('orders')).length]).toEqual([1, 0]);
  });
});

test('a frozen service refuses a deployment, which is rolled back, and takes it once it is thawed', async () => {
  const { cloudFormation, registry, find } = await start();
  const transport = sigv4Transport(registry);
  await setRule(transport, { kind: 'freeze', name: 'incident', services: ['users'], reason: 'an incident' });
  const refused = await cloudFormation.createStack('app', { template: makeTemplate() });
  expect([refused.status, refused.reason]).toEqual(['ROLLBACK_COMPLETE', expect.stringMatching(/^ServiceFrozen: /)]);
  await removeRule(transport, { kind: 'freeze', name: 'incident' });
  const stack = await cloudFormation.createStack('app', { template: makeTemplate() });
  expect(stack.status).toBe('CREATE_COMPLETE');
  await setRule(transport, { kind: 'freeze', name: 'incident', services: ['users'], reason: 'an incident' });
  await cloudFormation.updateStack(stack, { template: makeTemplate({ Weight: '5' }) });
  expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await find('users')).toMatchObject([{ weight: 100 }]);
});

describe('a GraphQL API that is given by its id', () => {
  const graphqlUrl = 'https://example123.appsync-api.eu-west-1.amazonaws.com/graphql';

  async function startAppSync(): Promise<string> {
    const server = createServer((request, response) => {
      const isKnown = request.url?.startsWith('/v1/apis/example123');
      response.writeHead(isKnown ? 200 : 404, isKnown ? {} : { 'x-amzn-errortype': 'NotFoundException' });
      response.end(
        JSON.stringify(
          isKnown ? { graphqlApi: { apiId: 'example123', uris: { GRAPHQL: graphqlUrl } } } : { message: 'none' },
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('is registered with its URL', async () => {
    const { cloudFormation, find } = await start({
      environment: { AWS_ENDPOINT_URL_APPSYNC: await startAppSync() },
      withSdk: true,
    });
    const template = makeTemplate({ Target: '', GraphqlApiId: 'example123' });
    const stack = await cloudFormation.createStack('app', { template });
    expect(stack).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(await find('users')).toEqual([
      expect.objectContaining({ target: graphqlUrl, kind: 'graphql', region: 'eu-west-1', signingService: 'appsync' }),
    ]);
  });

  test("and doesn't exist fails the deployment with what to change", async () => {
    const { cloudFormation } = await start({
      environment: { AWS_ENDPOINT_URL_APPSYNC: await startAppSync() },
      withSdk: true,
    });
    const template = makeTemplate({ Target: '', GraphqlApiId: 'nothing' });
    const stack = await cloudFormation.createStack('app', { template });
    expect(stack.reason).toMatch(/^InvalidRecord: GraphqlApiId "nothing": /);
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
  });
});

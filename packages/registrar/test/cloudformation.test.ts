import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { makeTemplate, startDeployment, url, type Deployment } from './start-deployment.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

const other = 'https://other.example.com/v2';
let deployment: Deployment;
let service = 0;
beforeAll(async () => {
  deployment = await startDeployment();
});
afterAll(() => deployment.stop());

/** Each test has a service of its own in the one table. */
function nameService(): string {
  service += 1;
  return `service-${service}`;
}

function listRequests(stack: {
  readonly events: readonly { readonly event: { readonly RequestType: string } }[];
}): string[] {
  return stack.events.map(({ event }) => event.RequestType);
}

describe('a stack', () => {
  test('registers when it is created and leaves nothing when it is deleted', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service, Weight: 5 }) });
    expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', reason: undefined });
    expect(await find(Service)).toEqual([
      expect.objectContaining({
        stage: 'dev',
        id: 'default',
        target: url,
        kind: 'rest',
        weight: 5,
        owner: `${stack.id}#Users`,
      }),
    ]);
    expect(stack.resources.get('Users')?.data).toEqual({
      Service,
      Stage: 'dev',
      Id: 'default',
      Target: url,
    });

    await cloudFormation.deleteStack(stack);
    expect(stack.status).toBe('DELETE_COMPLETE');
    expect(await find(Service)).toEqual([]);
  });

  test('updates its registration in place under the same id', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    const before = stack.resources.get('Users')?.physicalResourceId;
    await cloudFormation.updateStack(stack, { template: makeTemplate({ Service, Target: other, Version: '2.0.0' }) });
    expect(stack.status).toBe('UPDATE_COMPLETE');
    expect(stack.resources.get('Users')?.physicalResourceId).toBe(before);
    expect(listRequests(stack)).toEqual(['Create', 'Update']);
    expect(await find(Service)).toEqual([expect.objectContaining({ target: other, version: '2.0.0' })]);
  });

  test.each([
    ['service', (Service: string) => ({ Service: `${Service}-renamed` })],
    ['stage', (Service: string) => ({ Service, Stage: 'prod' })],
    ['id', (Service: string) => ({ Service, Id: 'canary' })],
  ])('that renames its %s registers the new name and then removes the old one', async (_, rename) => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    const before = stack.resources.get('Users')?.physicalResourceId;
    await cloudFormation.updateStack(stack, { template: makeTemplate(rename(Service)) });
    expect(stack.status).toBe('UPDATE_COMPLETE');
    expect(listRequests(stack)).toEqual(['Create', 'Update', 'Delete']);
    expect(stack.events[2]?.event.PhysicalResourceId).toBe(before);
    expect(stack.resources.get('Users')?.physicalResourceId).not.toBe(before);
    const renamed = {
      stage: 'dev',
      id: 'default',
      ...Object.fromEntries(Object.entries(rename(Service)).map(([key, value]) => [key.toLowerCase(), value])),
    };
    expect([...(await find(Service)), ...(await find(`${Service}-renamed`))]).toEqual([
      expect.objectContaining(renamed),
    ]);
  });

  test('that drops the resource from its template deregisters', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    await cloudFormation.updateStack(stack, { template: { Resources: {} } });
    expect(stack.status).toBe('UPDATE_COMPLETE');
    expect(await find(Service)).toEqual([]);
  });
});

describe('a deployment that fails', () => {
  test('when it creates the stack leaves nothing', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }), fail: ['Queue'] });
    expect(stack).toMatchObject({ status: 'ROLLBACK_COMPLETE', reason: 'Queue failed' });
    expect(listRequests(stack)).toEqual(['Create', 'Delete']);
    expect(await find(Service)).toEqual([]);
  });

  test('when it updates the stack brings the registration back', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    const before = stack.resources.get('Users')?.physicalResourceId;
    await cloudFormation.updateStack(stack, { template: makeTemplate({ Service, Target: other }), fail: ['Queue'] });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.resources.get('Users')?.physicalResourceId).toBe(before);
    expect(await find(Service)).toEqual([expect.objectContaining({ target: url })]);
  });

  test('when it renames brings the old name back and leaves nothing of the new one', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    await cloudFormation.updateStack(stack, { template: makeTemplate({ Service: `${Service}-new` }), fail: ['Queue'] });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(listRequests(stack)).toEqual(['Create', 'Update', 'Update', 'Delete']);
    expect(await find(`${Service}-new`)).toEqual([]);
    expect(await find(Service)).toEqual([expect.objectContaining({ target: url })]);
  });

  test('because of its properties says what to change and touches nothing', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const before = { ...deployment.registry.requests };
    const template = makeTemplate({ Service, Target: 'http://api.example.com', Wieght: 5 });
    const stack = await cloudFormation.createStack('app', { template });
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(stack.reason).toMatch(
      /^InvalidRecord: There is no property "Wieght": perhaps Weight was meant\. Target must be an absolute https:\/\/ URL/,
    );
    expect(deployment.registry.requests).toEqual(before);
    expect(await find(Service)).toEqual([]);
  });
});

describe('of two stacks that claim one name', () => {
  test('the first keeps it, and the second fails and harms nothing', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const first = await cloudFormation.createStack('first', { template: makeTemplate({ Service }) });
    const second = await cloudFormation.createStack('second', { template: makeTemplate({ Service, Target: other }) });
    expect(second.status).toBe('ROLLBACK_COMPLETE');
    expect(second.reason).toContain('RegistrationConflict');
    expect(second.reason).toContain(first.id);
    expect(await find(Service)).toEqual([expect.objectContaining({ target: url, owner: `${first.id}#Users` })]);
  });

  test('the second gets it when it takes over, and the first removes nothing when it goes', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const first = await cloudFormation.createStack('first', { template: makeTemplate({ Service }) });
    const second = await cloudFormation.createStack('second', {
      template: makeTemplate({ Service, Target: other, Takeover: true }),
    });
    expect(second.status).toBe('CREATE_COMPLETE');
    await cloudFormation.deleteStack(first);
    expect(first.status).toBe('DELETE_COMPLETE');
    expect(await find(Service)).toEqual([expect.objectContaining({ target: other, owner: `${second.id}#Users` })]);
  });

  test('exactly one gets it when both come at once', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const template = makeTemplate({ Service });
    const stacks = await Promise.all(
      ['one', 'two', 'three'].map((name) => cloudFormation.createStack(name, { template })),
    );
    const winners = stacks.filter(({ status }) => status === 'CREATE_COMPLETE');
    expect(winners).toHaveLength(1);
    expect(await find(Service)).toEqual([expect.objectContaining({ owner: `${winners[0]?.id}#Users` })]);
  });
});

describe('an event that comes late or twice', () => {
  test('does not remove what a stack that was created again has registered', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const template = makeTemplate({ Service });
    const old = await cloudFormation.createStack('app', { template });
    await cloudFormation.deleteStack(old);
    const fresh = await cloudFormation.createStack('app', { template });
    for (const delivered of old.events) await cloudFormation.deliverAgain(delivered);
    expect(await find(Service)).toEqual([expect.objectContaining({ owner: `${fresh.id}#Users` })]);
  });

  test('does not bring back what was removed, nor an older target', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    await cloudFormation.updateStack(stack, { template: makeTemplate({ Service, Target: other }) });
    for (const delivered of stack.events) await cloudFormation.deliverAgain(delivered);
    expect(await find(Service)).toEqual([expect.objectContaining({ target: other })]);
    await cloudFormation.deleteStack(stack);
    for (const delivered of stack.events) await cloudFormation.deliverAgain(delivered);
    expect(await find(Service)).toEqual([]);
  });

  test('does not remove a name that the stack has gone back to', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    await cloudFormation.updateStack(stack, { template: makeTemplate({ Service: `${Service}-new` }) });
    await cloudFormation.updateStack(stack, { template: makeTemplate({ Service }) });
    for (const delivered of stack.events) await cloudFormation.deliverAgain(delivered);
    expect(await find(Service)).toEqual([expect.objectContaining({ target: url })]);
    expect(await find(`${Service}-new`)).toEqual([]);
  });
});

describe('an answer that CloudFormation never gets', () => {
  test('to a Create leaves nothing: the Delete with an id that CloudFormation made up removes it', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', {
      template: makeTemplate({ Service }),
      delivery: { Users: 'lost' },
    });
    expect(stack).toMatchObject({
      status: 'ROLLBACK_COMPLETE',
      reason: 'Users did not respond within the service timeout',
    });
    expect(stack.events[1]?.event.PhysicalResourceId).toMatch(/^app-Users-[0-9A-F]{12}$/);
    expect(await find(Service)).toEqual([]);
  });

  test('to an update brings the old target back', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    await cloudFormation.updateStack(stack, {
      template: makeTemplate({ Service, Target: other }),
      delivery: { Users: 'lost' },
    });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await find(Service)).toEqual([expect.objectContaining({ target: url })]);
  });

  test('to a rename leaves nothing under the new name', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    const template = makeTemplate({ Service: `${Service}-new` });
    await cloudFormation.updateStack(stack, { template, delivery: { Users: 'lost' } });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await find(`${Service}-new`)).toEqual([]);
    expect(await find(Service)).toEqual([expect.objectContaining({ target: url })]);
  });

  test('but does on a later attempt changes nothing', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', {
      template: makeTemplate({ Service }),
      delivery: { Users: 'refusedTwice' },
    });
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(stack.events[0]?.response).toMatchObject({ attempts: 3, faults: [] });
    expect(await find(Service)).toHaveLength(1);
  });

  test('and that is delivered again is given again, once the same registration is there', async () => {
    const { cloudFormation, find } = deployment;
    const Service = nameService();
    const stack = await cloudFormation.createStack('app', { template: makeTemplate({ Service }) });
    const [created] = stack.events;
    const token = (await find(Service))[0]?.token;
    if (created) await cloudFormation.deliverAgain(created);
    expect(created?.response.answers).toHaveLength(2);
    expect(created?.response.answers[1]).toEqual(created?.response.answers[0]);
    expect((await find(Service))[0]?.token).toBe(token);
  });
});

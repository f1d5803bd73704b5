import { describe, expect, test } from '@jest/globals';
import type { CloudFormationEvent } from '@amplify-discovery/aws/custom-resource';
import { createPhysicalResourceId, notRegistered } from './physical-resource-id.ts';
import { planChange } from './plan-change.ts';

const registry = 'https://registry.example/graphql';
const StackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/0b1c';
const owner = `${StackId}#Users`;
const everything = { registry };

function makeEvent(event: Partial<CloudFormationEvent>): CloudFormationEvent {
  return {
    RequestType: 'Create',
    RequestId: 'request-1',
    StackId,
    LogicalResourceId: 'Users',
    ResponseURL: 'https://bucket.example/answer',
    ResourceProperties: makeProperties('users'),
    ...event,
  };
}

function makeProperties(Service: string): Record<string, unknown> {
  return { ServiceToken: 'arn', Service, Stage: 'dev', Target: 'https://api.example.com' };
}

function makeId(service: string): string {
  return createPhysicalResourceId({ stage: 'dev', service, id: 'default' }, { registry, owner });
}

const key = { stage: 'dev', service: 'users', id: 'default' };

describe('a Create or an Update', () => {
  test("registers what the properties say, in the name of stack and resource, under the request's id", () => {
    expect(planChange(makeEvent({}), everything)).toEqual({
      action: 'register',
      physicalResourceId: makeId('users'),
      input: {
        ...key,
        target: 'https://api.example.com',
        kind: 'rest',
        region: 'eu-west-1',
        signingService: 'execute-api',
        weight: 100,
        takeover: false,
        owner,
        requestId: 'request-1',
      },
    });
  });

  test('keeps the id while the key stays, and changes it with the key', () => {
    const inPlace = makeEvent({
      RequestType: 'Update',
      PhysicalResourceId: makeId('users'),
      ResourceProperties: { ...makeProperties('users'), Weight: '5' },
      OldResourceProperties: makeProperties('users'),
    });
    expect(planChange(inPlace, everything).physicalResourceId).toBe(makeId('users'));
    const renamed = planChange({ ...inPlace, ResourceProperties: makeProperties('people') }, everything);
    expect(renamed.physicalResourceId).toBe(makeId('people'));
    expect(renamed).not.toHaveProperty('leftover');
  });

  test('removes what a failed rename may have left, which no Delete will ever name', () => {
    const rollback = makeEvent({
      RequestType: 'Update',
      PhysicalResourceId: makeId('users'),
      OldResourceProperties: makeProperties('people'),
    });
    const leftover = { ...key, service: 'people', owner, requestId: 'request-1' };
    expect(planChange(rollback, everything)).toMatchObject({ physicalResourceId: makeId('users'), leftover });
    expect(planChange({ ...rollback, ResourceProperties: makeProperties('third') }, everything)).toMatchObject({
      leftover,
    });
  });

  test('leaves the old key alone where the id is of another provider: its Delete is not ours to foresee', () => {
    const migrated = makeEvent({
      RequestType: 'Update',
      PhysicalResourceId: 'other-provider',
      OldResourceProperties: makeProperties('people'),
    });
    expect(planChange(migrated, everything)).not.toHaveProperty('leftover');
  });
});

test('every write carries the time of its event and the scope of the call, where those are known', () => {
  const known = { requestedAt: '2026-11-21T20:36:14Z', scope: 'team-users' };
  const rollback = makeEvent({
    RequestType: 'Update',
    PhysicalResourceId: makeId('users'),
    OldResourceProperties: makeProperties('people'),
  });
  expect(planChange(rollback, { ...everything, ...known })).toMatchObject({
    input: known,
    leftover: known,
  });
  const removal = makeEvent({ RequestType: 'Delete', PhysicalResourceId: makeId('users') });
  expect(planChange(removal, { ...everything, ...known })).toMatchObject({ input: known });
});

describe('a Delete', () => {
  const event = makeEvent({
    RequestType: 'Delete',
    PhysicalResourceId: makeId('users'),
    ResourceProperties: makeProperties('users'),
  });
  const input = { ...key, owner, requestId: 'request-1' };

  test('removes the key in the id, not the one in the properties', () => {
    expect(planChange({ ...event, ResourceProperties: makeProperties('people') }, everything)).toEqual({
      action: 'deregister',
      input,
      physicalResourceId: makeId('users'),
      mayAppear: false,
    });
  });

  test('does not look at the properties at all', () => {
    expect(planChange({ ...event, ResourceProperties: { Service: 5, Nonsense: {} } }, everything)).toMatchObject({
      action: 'deregister',
      input,
    });
  });

  test('with an id that CloudFormation made up removes what the unanswered Create may have registered', () => {
    const madeUp = { ...event, PhysicalResourceId: 'app-Users-1A2B3C4D5E6F' };
    expect(planChange(madeUp, everything)).toMatchObject({ action: 'deregister', input, mayAppear: true });
    expect(planChange({ ...madeUp, ResourceProperties: { Service: '!' } }, everything)).toMatchObject({
      action: 'nothing',
    });
  });

  test('with such an id looks once where it is known when it was made: the registry then keeps the Create out', () => {
    const madeUp = { ...event, PhysicalResourceId: 'app-Users-1A2B3C4D5E6F' };
    expect(planChange(madeUp, { ...everything, requestedAt: '2026-11-21T20:36:14Z' })).toMatchObject({
      action: 'deregister',
      input: { ...input, requestedAt: '2026-11-21T20:36:14.999Z' },
      mayAppear: false,
    });
  });

  test.each([
    ['of another provider', '2026/11/21/[$LATEST]0123456789abcdef'],
    ['of a refused Create', notRegistered],
    ['of another stack', createPhysicalResourceId(key, { registry, owner: 'another#Users' })],
    ['of another registry', createPhysicalResourceId(key, { registry: 'https://other.example', owner })],
    ['that was tampered with', makeId('users').replace('users', 'orders')],
  ])('with the id %s does nothing, and succeeds', (_, PhysicalResourceId) => {
    expect(planChange({ ...event, PhysicalResourceId }, everything)).toMatchObject({
      action: 'nothing',
      physicalResourceId: PhysicalResourceId,
    });
  });
});

import { describe, expect, test } from '@jest/globals';
import type { GraphqlTransport } from '@amplify-discovery/registry/operations';
import { applyPlan, type ApplyOptions } from './apply-plan.ts';
import type { ChangePlan } from './plan-change.ts';

const key = { stage: 'dev', service: 'users', id: 'default' };
const physicalResourceId = 'id';
const registration = {
  action: 'register' as const,
  physicalResourceId,
  input: { ...key, kind: 'rest', target: 'https://api.example.com', owner: 'o', requestId: 'r' },
  leftover: { ...key, service: 'people', owner: 'o', requestId: 'r' },
} satisfies ChangePlan;
const removal: ChangePlan = {
  action: 'deregister',
  physicalResourceId,
  input: { ...key, owner: 'o', requestId: 'r' },
  mayAppear: true,
};

type Answer = string | { readonly error: string };

/** A registry that gives these answers one after another, then the last one again, and records the requests. */
function start(
  answers: readonly Answer[],
  abortAfterSleeps = Infinity,
): { options: ApplyOptions; asked: string[]; sleeps: number[] } {
  const asked: string[] = [];
  const sleeps: number[] = [];
  const controller = new AbortController();
  const transport: GraphqlTransport = async ({ query, variables }) => {
    const field = query.includes('deregisterEndpoint') ? 'deregisterEndpoint' : 'registerEndpoint';
    asked.push(`${field} ${(variables.input as { service: string }).service}`);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (typeof answer === 'object')
      return { status: 200, body: { data: null, errors: [{ message: 'no', errorType: answer.error }] } };
    return { status: 200, body: { data: { [field]: { ...key, change: answer, revision: 'rev', endpoint: null } } } };
  };
  const sleep = async (milliseconds: number) => {
    sleeps.push(milliseconds);
    if (sleeps.length >= abortAfterSleeps) controller.abort(new Error('the time is up'));
  };
  return { options: { transport, sleep, random: () => 0.5, signal: controller.signal }, asked, sleeps };
}

describe('a registration', () => {
  test('gives its data, and removes a leftover only after it has taken effect', async () => {
    const { options, asked } = start(['registered', 'deregistered']);
    expect(await applyPlan(registration, options)).toEqual({
      status: 'SUCCESS',
      physicalResourceId,
      data: { Service: 'users', Stage: 'dev', Id: 'default', Target: 'https://api.example.com' },
    });
    expect(asked).toEqual(['registerEndpoint users', 'deregisterEndpoint people']);
  });

  test('that is repeated removes nothing: the name can be in use again', async () => {
    const { options, asked } = start(['unchanged']);
    expect(await applyPlan(registration, options)).toMatchObject({ status: 'SUCCESS' });
    expect(asked).toEqual(['registerEndpoint users']);
  });

  test('is tried again while another write is in the way or the registry is away', async () => {
    const { options, asked, sleeps } = start([
      { error: 'ConcurrentChange' },
      { error: 'InternalFailure' },
      'updated',
      'unchanged',
    ]);
    await applyPlan(registration, options);
    expect(asked).toHaveLength(4);
    expect(sleeps).toEqual([50, 100]);
  });

  test('is not tried again when it is refused', async () => {
    const { options, asked } = start([{ error: 'RegistrationConflict' }]);
    await expect(applyPlan(registration, options)).rejects.toMatchObject({ code: 'RegistrationConflict' });
    expect(asked).toHaveLength(1);
  });

  test('of a rollback that is refused removes the leftover all the same, and fails with the refusal', async () => {
    const requestedAt = '2026-01-01T00:00:00Z';
    const rollback = { ...registration, leftover: { ...registration.leftover, requestedAt } };
    for (const answer of ['deregistered', { error: 'ServiceFrozen' }]) {
      const { options, asked } = start([{ error: 'RegistrationConflict' }, answer]);
      await expect(applyPlan(rollback, options)).rejects.toMatchObject({ code: 'RegistrationConflict' });
      expect(asked).toEqual(['registerEndpoint users', 'deregisterEndpoint people']);
    }
  });

  test('ends with what was the matter when the time is up', async () => {
    const { options } = start([{ error: 'ConcurrentChange' }], 3);
    await expect(applyPlan(registration, options)).rejects.toMatchObject({ code: 'ConcurrentChange' });
  });
});

describe('a removal of what may still appear', () => {
  test('looks until there was something', async () => {
    const { options, asked } = start(['unchanged', 'unchanged', 'deregistered']);
    expect(await applyPlan(removal, options)).toEqual({ status: 'SUCCESS', physicalResourceId });
    expect(asked).toHaveLength(3);
  });

  test('succeeds when nothing appears in its time', async () => {
    const { options, asked } = start(['unchanged'], 4);
    expect(await applyPlan(removal, options)).toEqual({ status: 'SUCCESS', physicalResourceId });
    expect(asked).toHaveLength(4);
  });

  test('looks once where nothing can appear', async () => {
    const { options, asked } = start(['unchanged']);
    await applyPlan({ ...removal, mayAppear: false }, options);
    expect(asked).toEqual(['deregisterEndpoint users']);
  });

  test('fails when the registry can not even be asked once', async () => {
    const { options } = start([{ error: 'InternalFailure' }], 2);
    await expect(applyPlan(removal, options)).rejects.toMatchObject({ code: 'RegistryUnavailable' });
  });
});

test('a plan to do nothing sends no request', async () => {
  const { options, asked } = start(['registered']);
  expect(await applyPlan({ action: 'nothing', physicalResourceId, reason: '' }, options)).toEqual({
    status: 'SUCCESS',
    physicalResourceId,
  });
  expect(asked).toEqual([]);
});

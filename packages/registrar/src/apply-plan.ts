import { isDiscoveryError } from '@amplify-discovery/core';
import { wait, type Outcome } from '@amplify-discovery/aws/custom-resource';
import {
  deregisterEndpoint,
  registerEndpoint,
  type DeregisterEndpointInput,
  type EndpointChange,
  type GraphqlTransport,
  type RegisterEndpointInput,
} from '@amplify-discovery/registry/operations';
import type { ChangePlan } from './plan-change.ts';

export interface ApplyOptions {
  readonly transport: GraphqlTransport;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** How long a Delete waits before it looks again for what a Create may still register. */
const lookAgainMs = 1000;
const requestTimeoutMs = 5000;

/**
 * Carries out the plan. Writes are repeated while the registry is busy or away, which the request's id makes harmless.
 *
 * @throws DiscoveryError as the registry's operations do; `signal.reason` when the time is up.
 */
export async function applyPlan(plan: ChangePlan, options: ApplyOptions): Promise<Outcome> {
  const { physicalResourceId } = plan;
  if (plan.action === 'nothing') return { status: 'SUCCESS', physicalResourceId };
  if (plan.action === 'deregister') {
    await (plan.mayAppear ? removeWhenItAppears(plan.input, options) : remove(plan.input, options));
    return { status: 'SUCCESS', physicalResourceId };
  }
  const { input, leftover } = plan;
  const { transport, signal } = options;
  const register = (): Promise<EndpointChange> =>
    registerEndpoint(transport, input, { signal, timeoutMs: requestTimeoutMs });
  const change = await retry(register, options).catch(async (error: unknown) => {
    if (leftover && isFencedConflict(error, leftover)) await remove(leftover, options).catch(() => undefined);
    throw error;
  });
  // A repeated event changes nothing any more, so it may not remove anything either: that can be in use again.
  if (leftover && change.change !== 'unchanged') await remove(leftover, options);
  return { status: 'SUCCESS', physicalResourceId, data: describeRegistration(input) };
}

/**
 * A rollback that finds another owner at its name fails, and CloudFormation sends no further event. No later one removes
 * what the failed update registered elsewhere, or still registers when it comes out of a queue. The refusal is not
 * remembered and can come again, so only the time of the request tells whether that name is in use again.
 */
function isFencedConflict(error: unknown, { requestedAt }: DeregisterEndpointInput): boolean {
  return isDiscoveryError(error) && error.code === 'RegistrationConflict' && requestedAt !== undefined;
}

function describeRegistration({
  service,
  stage,
  id = 'default',
  target,
}: RegisterEndpointInput): Record<string, string> {
  return { Service: service, Stage: stage, Id: id, Target: target };
}

function remove(input: DeregisterEndpointInput, options: ApplyOptions): Promise<EndpointChange> {
  const { transport, signal } = options;
  return retry(() => deregisterEndpoint(transport, input, { signal, timeoutMs: requestTimeoutMs }), options);
}

/** Looks until it has removed something or the time is up: a Create that still runs ends within the same time. */
async function removeWhenItAppears(input: DeregisterEndpointInput, options: ApplyOptions): Promise<void> {
  const { sleep, signal } = options;
  let last = await remove(input, options);
  while (last.change !== 'deregistered' && !signal.aborted) {
    await wait(sleep(lookAgainMs), signal);
    if (!signal.aborted) last = await remove(input, options).catch(() => last);
  }
}

async function retry<T>(operation: () => Promise<T>, { sleep, random, signal }: ApplyOptions): Promise<T> {
  let last: unknown;
  for (let attempt = 0; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      // When the time is up, the last failure explains more than the abort.
      if (signal.aborted) throw last ?? error;
      if (!isDiscoveryError(error) || !error.retryable) throw error;
      last = error;
      await wait(sleep(random() * Math.min(100 * 2 ** attempt, 2000)), signal);
    }
  }
}

import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import { parseEvent, type CloudFormationEvent } from './cloudformation-event.ts';
import { makeResponse, type Outcome } from './make-response.ts';
import { sendResponse } from './send-response.ts';

/** What is read of Lambda's context. */
export interface LambdaContext {
  /** With the alias, where the function was called by one. */
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** What one kind of custom resource does with its events. */
export interface CustomResource {
  /** Who answers, at the start of a reason: `The registrar`. */
  readonly name: string;
  /** Whose answers it waits for, for the reason when the time is up: `the registry or AppSync`. */
  readonly asks: string;
  /** The PhysicalResourceId of a Create that failed before it had one. */
  readonly fallbackId: string;
  /** How long the work on an event may take, in milliseconds. @default what the function's time allows */
  readonly limitMs?: ((event: CloudFormationEvent) => number) | undefined;
  /** Does what the event asks for. What it throws is the reason of a failure. */
  readonly work: (event: CloudFormationEvent, time: WorkTime) => Promise<Outcome>;
}

export interface WorkTime {
  /** Aborts when the work has to end, shortly before the failure is answered without it. */
  readonly signal: AbortSignal;
  /** From now on a Create that fails answers with this id, by which it is to be deleted. */
  readonly identify: (physicalResourceId: string) => void;
}

export interface AnswerOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A signal that aborts after so many milliseconds. */
  readonly startTimeout: (milliseconds: number) => AbortSignal;
  /** Takes one line of JSON for each event. Neither the ResponseURL nor credentials are in it. */
  readonly log: (line: string) => void;
}

/** Kept back of the function's time for the answer: at most this, at most a third. */
const answerMs = 5000;

/**
 * Has the event worked on and answers it. Every event that has a ResponseURL gets one answer, whatever fails, before the
 * function's time is up.
 *
 * @throws DiscoveryError when the event is none, or the answer could not be delivered.
 */
export async function answerEvent(
  input: unknown,
  context: LambdaContext,
  resource: CustomResource,
  options: AnswerOptions,
): Promise<void> {
  const event = parseEvent(input);
  const outcome = await settle(event, context, resource, options);
  options.log(describe(event, outcome));
  const left = Math.max(0, context.getRemainingTimeInMillis());
  const signal = options.startTimeout(Math.max(left - 500, left / 2));
  await sendResponse(event.ResponseURL, makeResponse(event, outcome), { ...options, signal });
}

/** How the event ended, in time for the answer. Never rejects. */
async function settle(
  event: CloudFormationEvent,
  context: LambdaContext,
  resource: CustomResource,
  { startTimeout }: AnswerOptions,
): Promise<Outcome> {
  const remaining = Math.max(0, context.getRemainingTimeInMillis());
  const available = remaining - Math.min(answerMs, remaining / 3);
  const signal = startTimeout(Math.min(available * 0.9, resource.limitMs?.(event) ?? Infinity));
  let physicalResourceId = event.PhysicalResourceId ?? resource.fallbackId;
  const identify = (id: string) => {
    // After an Update, any other id would make CloudFormation delete what was there before.
    if (event.RequestType === 'Create') physicalResourceId = id;
  };
  const makeLate = (cause?: unknown) => {
    const seconds = Math.round(available / 1000);
    const message = `${resource.name} had no answer from ${resource.asks} within its ${seconds} s`;
    return new DiscoveryError('RegistryUnavailable', message, { cause });
  };
  try {
    const working = resource.work(event, { signal, identify });
    return await Promise.race([working, rejectWhenLate(startTimeout(available), makeLate)]);
  } catch (error) {
    const isLate = signal.aborted && !isDiscoveryError(error);
    const reason = explain(isLate ? makeLate(error) : error, resource.name);
    return { status: 'FAILED', physicalResourceId, reason };
  }
}

function rejectWhenLate(signal: AbortSignal, makeLate: () => DiscoveryError): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(makeLate());
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** What the person who deploys reads in CloudFormation's events: what failed, and what to do about it. */
function explain(error: unknown, name: string): string {
  if (isDiscoveryError(error)) return `${error.code}: ${error.message} ${error.recoverySuggestion}`;
  const found = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${name} failed: ${found}`;
}

function describe(
  { RequestType, RequestId, StackId, LogicalResourceId }: CloudFormationEvent,
  outcome: Outcome,
): string {
  return JSON.stringify({ RequestType, RequestId, StackId, LogicalResourceId, ...outcome });
}

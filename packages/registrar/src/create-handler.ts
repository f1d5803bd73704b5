import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { applyPlan } from './apply-plan.ts';
import { parseEvent, type CloudFormationEvent } from './cloudformation-event.ts';
import { completeProperties, type FindGraphqlApi } from './complete-properties.ts';
import { findRequestTime } from './find-request-time.ts';
import { makeResponse, type Outcome } from './make-response.ts';
import { notRegistered } from './physical-resource-id.ts';
import { planChange } from './plan-change.ts';
import { readConfiguration, type Environment } from './read-configuration.ts';
import { sendResponse } from './send-response.ts';
import { findAlias, mayWrite } from './write-scopes.ts';

/** What the handler reads of Lambda's context. */
export interface LambdaContext {
  /** With the alias, where the function was called by one. */
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

export interface HandlerOptions {
  /** Read at each call: Lambda renews the credentials in it. */
  readonly environment: Environment;
  readonly fetch: typeof globalThis.fetch;
  readonly findGraphqlApi: FindGraphqlApi;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** A signal that aborts after so many milliseconds. */
  readonly startTimeout: (milliseconds: number) => AbortSignal;
  /** Takes one line of JSON for each event. Neither the ResponseURL nor credentials are in it. */
  readonly log: (line: string) => void;
}

export type Handler = (event: unknown, context: LambdaContext) => Promise<void>;

/** Kept back of the function's time for the answer: at most this, at most a third. */
const answerMs = 5000;
/** A Create or Update stops writing this early, so that a Delete that overtook it can wait until it is over. */
const writeMs = 15_000;

/**
 * The Lambda handler of `Custom::ServiceEndpoint`. Every event that has a ResponseURL gets one answer, whatever fails,
 * before the function's time is up.
 *
 * @throws DiscoveryError from the returned handler, when the event is none or the answer could not be delivered.
 */
export function createHandler(options: HandlerOptions): Handler {
  return async (input, context) => {
    const event = parseEvent(input);
    const outcome = await settle(event, context, options);
    options.log(describe(event, outcome));
    const left = Math.max(0, context.getRemainingTimeInMillis());
    const signal = options.startTimeout(Math.max(left - 500, left / 2));
    await sendResponse(event.ResponseURL, makeResponse(event, outcome), { ...options, signal });
  };
}

/** How the event ended, in time for the answer. Never rejects. */
async function settle(event: CloudFormationEvent, context: LambdaContext, options: HandlerOptions): Promise<Outcome> {
  const remaining = Math.max(0, context.getRemainingTimeInMillis());
  const available = remaining - Math.min(answerMs, remaining / 3);
  const isRemoval = event.RequestType === 'Delete';
  const signal = options.startTimeout(isRemoval ? available * 0.9 : Math.min(available * 0.9, writeMs));
  let physicalResourceId = event.PhysicalResourceId ?? notRegistered;

  async function work(): Promise<Outcome> {
    const { registry, region, scopes, credentials } = readConfiguration(options.environment);
    const alias = findAlias(context.invokedFunctionArn);
    const given = event.ResourceProperties;
    const ResourceProperties = isRemoval ? given : await completeProperties(given, options.findGraphqlApi, signal);
    const plan = planChange(
      { ...event, ResourceProperties },
      {
        registry,
        mayWrite: (service) => mayWrite(scopes, alias, service),
        requestedAt: findRequestTime(event.ResponseURL, options.now()),
      },
    );
    // From here on the registry may hold something: after a Create that fails it is to be deleted by its real id.
    if (event.RequestType === 'Create') physicalResourceId = plan.physicalResourceId;
    const transport = sigv4Transport({ url: registry, region, credentials, fetch: options.fetch });
    return applyPlan(plan, { ...options, transport, signal });
  }

  try {
    return await Promise.race([work(), rejectWhenLate(options.startTimeout(available), available)]);
  } catch (error) {
    const isLate = signal.aborted && !isDiscoveryError(error);
    return { status: 'FAILED', physicalResourceId, reason: explain(isLate ? makeLate(available, error) : error) };
  }
}

function rejectWhenLate(signal: AbortSignal, milliseconds: number): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(makeLate(milliseconds));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function makeLate(milliseconds: number, cause?: unknown): DiscoveryError {
  const message = `The registrar had no answer from the registry or AppSync within its ${Math.round(milliseconds / 1000)} s`;
  return new DiscoveryError('RegistryUnavailable', message, { cause });
}

/** What the person who deploys reads in CloudFormation's events: what failed, and what to do about it. */
function explain(error: unknown): string {
  if (isDiscoveryError(error)) return `${error.code}: ${error.message} ${error.recoverySuggestion}`;
  const found = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `The registrar failed: ${found}`;
}

function describe(
  { RequestType, RequestId, StackId, LogicalResourceId }: CloudFormationEvent,
  outcome: Outcome,
): string {
  return JSON.stringify({ RequestType, RequestId, StackId, LogicalResourceId, ...outcome });
}

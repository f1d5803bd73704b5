import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import {
  answerEvent,
  wait,
  type AnswerOptions,
  type CloudFormationEvent,
  type LambdaContext,
  type Outcome,
  type WorkTime,
} from '@amplify-discovery/aws/custom-resource';
import { isPublishable } from '@amplify-discovery/snapshots';
import { isKeyRefusal, isUnusableKey } from './kms-refusal.ts';
import { planPublicationKeys, type SigningKey } from './plan-publication-keys.ts';
import type { TrustedKey } from '@amplify-discovery/snapshots/seal';

/** The publisher, as far as a deployment has to do with it. */
export interface PublisherPort {
  readonly bucket: string;
  readonly prefix: string;
  /** Undefined where nothing is signed. */
  readonly signingKey: SigningKey | undefined;
  readonly listStages: () => Promise<readonly string[]>;
  readonly publish: (stage: string) => Promise<unknown>;
  readonly getKey: (keyArn: string, kid: string | undefined) => Promise<TrustedKey>;
}

export interface AnswerPublicationOptions extends AnswerOptions {
  /** Asked when an event needs it, so that settings that are missing are a failure with a reason, too. */
  readonly open: () => PublisherPort;
}

/** How many stages are published at a time. */
const atOnce = 4;

/**
 * Answers an event of `Custom::SnapshotPublication`: Create and Update publish every stage and answer with the public half
 * of each of the `Keys`; Delete leaves all as it is. What can't be published fails a Create. It doesn't fail an Update, nor
 * with it a rollback, unless the key refuses: the schedule tries again.
 *
 * @throws DiscoveryError when the event is none, or the answer could not be delivered.
 */
export function answerPublication(
  event: unknown,
  context: LambdaContext,
  options: AnswerPublicationOptions,
): Promise<void> {
  const resource = {
    name: 'The publisher',
    asks: 'the registry, S3 or KMS',
    fallbackId: 'discovery-snapshots:not-published',
    work: (parsed: CloudFormationEvent, time: WorkTime) => deploy(parsed, time, options),
  };
  return answerEvent(event, context, resource, options);
}

async function deploy(
  event: CloudFormationEvent,
  { signal, identify }: WorkTime,
  { open, sleep, log }: AnswerPublicationOptions,
): Promise<Outcome> {
  if (event.RequestType === 'Delete')
    return { status: 'SUCCESS', physicalResourceId: event.PhysicalResourceId as string };
  const publisher = open();
  const physicalResourceId = `discovery-snapshots:${publisher.bucket}/${publisher.prefix}`;
  identify(physicalResourceId);
  const retrying: RetryOptions = { sleep, signal };
  const planned = planPublicationKeys(event.ResourceProperties.Keys, publisher.signingKey);
  const keys = await Promise.all(
    planned.map(({ keyArn, kid }) =>
      retry(() => publisher.getKey(keyArn, kid), retrying).catch((error: unknown) => {
        throw explain(`The public half of ${keyArn} could not be fetched`, error);
      }),
    ),
  );
  const failures = await publishAll(publisher, retrying);
  for (const { stage, error } of failures) log(JSON.stringify({ stage, failed: String(error) }));
  const decisive = event.RequestType === 'Create' ? failures[0] : failures.find(({ error }) => isKeyRefusal(error));
  if (decisive) {
    const { stage, error } = decisive;
    const what = stage === undefined ? 'The stages of the registry' : `Stage "${stage}"`;
    const more = failures.length > 1 ? `, nor could ${failures.length - 1} more` : '';
    throw explain(`${what} could not be published${more}`, error);
  }
  return { status: 'SUCCESS', physicalResourceId, data: describeKeys(keys) };
}

/** A stage that was not published, or `undefined` and why the stages are not known. */
interface Failure {
  readonly stage: string | undefined;
  readonly error: unknown;
}

/** Publishes every stage, as a schedule's tick does, and gives those that it had no success with when the time was up. */
async function publishAll(publisher: PublisherPort, options: RetryOptions): Promise<readonly Failure[]> {
  let left: Failure[] = [{ stage: undefined, error: new Error('The registry did not answer in time') }];
  const fail = (stage: string | undefined, error: unknown) => {
    left = left.map((failure) => (failure.stage === stage ? { stage, error } : failure));
  };
  async function publishLeft(): Promise<void> {
    const told = await retry(publisher.listStages, { ...options, tell: (error) => fail(undefined, error) });
    const stages = told.filter(isPublishable);
    left = stages.map((stage) => ({ stage, error: new Error('The time was up') }));
    const queue = stages.values();
    const work = async () => {
      for (const stage of queue) {
        if (options.signal.aborted) return;
        try {
          await retry(() => publisher.publish(stage), { ...options, tell: (error) => fail(stage, error) });
          left = left.filter((failure) => failure.stage !== stage);
        } catch {
          // Told already.
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }
  await wait(
    publishLeft().catch(() => undefined),
    options.signal,
  );
  return left;
}

interface RetryOptions {
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
  /** Is told each failure, of which the last may be the one that time leaves no other for. @default nobody */
  readonly tell?: ((error: unknown) => void) | undefined;
}

/** A permission that was deployed a moment ago may take seconds to be effective, so "denied" is tried again as well. */
async function retry<T>(operation: () => Promise<T>, { sleep, signal, tell }: RetryOptions): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      tell?.(error);
      if (signal.aborted || !mayPass(error)) throw error;
      await wait(sleep(Math.min(500 * 2 ** attempt, 4000)), signal);
      if (signal.aborted) throw error;
    }
  }
}

function mayPass(error: unknown): boolean {
  // What S3's and KMS's own fetch rejects with is no DiscoveryError.
  if (!isDiscoveryError(error)) return error instanceof TypeError;
  return !isUnusableKey(error) && (error.retryable || error.code === 'RegistryDenied');
}

function explain(what: string, error: unknown): DiscoveryError {
  const found = error instanceof Error ? error.message : String(error);
  const code = isDiscoveryError(error) ? error.code : 'RegistryUnavailable';
  const advice =
    code === 'RegistryDenied'
      ? " Allow it in the function's role, and in the policy of the key or bucket if they have one."
      : '';
  return new DiscoveryError(code, `${what}: ${found}.${advice}`, { cause: error });
}

/** `Kid0`, `X0`, `Y0`, `Kid1` … for templates that build JSON of them, and all as JSON text. */
function describeKeys(keys: readonly TrustedKey[]): Record<string, string> {
  const parts = keys.flatMap(({ kid, x, y }, index) => [
    [`Kid${index}`, kid],
    [`X${index}`, x],
    [`Y${index}`, y],
  ]);
  return { ...(Object.fromEntries(parts) as Record<string, string>), TrustedKeys: JSON.stringify(keys) };
}

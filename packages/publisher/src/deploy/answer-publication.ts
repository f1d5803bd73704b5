import { createWriterError, type DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
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
import { readFailure } from '../sdk/call-aws.ts';
import { planPublicationKeys, type SigningKey } from './plan-publication-keys.ts';
import type { TrustedKey } from '@amplify-discovery/core';

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
  /** Called when an event needs it, so that settings that are missing are a failure with a reason, too. */
  readonly open: () => Promise<PublisherPort>;
}

/** How many stages are published at a time. */
const atOnce = 4;

/**
 * Answers an event of `Custom::SnapshotPublication`: Create and Update publish every stage and answer with the public half
 * of each of the `Keys`; Delete leaves all as it is. What can't be published fails a Create. It fails neither an Update nor
 * the rollback after it, unless it is the key that refuses: the schedule tries again.
 *
 * @throws DiscoveryError when it is not such an event, or the answer could not be delivered.
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
  const publisher = await open();
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

/** A stage that was not published; `undefined`: the stages are not known. */
interface Failure {
  readonly stage: string | undefined;
  readonly error: unknown;
}

/** Publishes every stage, as a schedule's tick does, and gives those that were not published when the time was up. */
async function publishAll(publisher: PublisherPort, options: RetryOptions): Promise<readonly Failure[]> {
  /** Why what is still to be done is not done yet. */
  const pending = new Map<string | undefined, unknown>([[undefined, new Error('The registry did not answer in time')]]);

  async function publishPending(): Promise<void> {
    const listed = await retry(publisher.listStages, options, (error) => pending.set(undefined, error));
    const stages = listed.filter(isPublishable);
    pending.delete(undefined);
    for (const stage of stages) pending.set(stage, new Error('The time was up'));
    const queue = stages.values();
    const work = async () => {
      for (const stage of queue) {
        if (options.signal.aborted) return;
        const isPublished = await retry(
          () => publisher.publish(stage),
          options,
          (error) => pending.set(stage, error),
        ).then(
          () => true,
          () => false,
        );
        if (isPublished) pending.delete(stage);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  await wait(
    publishPending().catch(() => undefined),
    options.signal,
  );
  return [...pending].map(([stage, error]) => ({ stage, error }));
}

interface RetryOptions {
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** `onFailure` gets every failure: the one that is being waited out when the time is up is never thrown. */
async function retry<T>(
  operation: () => Promise<T>,
  { sleep, signal }: RetryOptions,
  onFailure: (error: unknown) => void = () => {},
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      onFailure(error);
      if (signal.aborted || !mayPass(error)) throw error;
      await wait(sleep(Math.min(500 * 2 ** attempt, 4000)), signal);
      if (signal.aborted) throw error;
    }
  }
}

/** A permission or a key that was made a moment ago may take seconds to be known everywhere. */
function mayPass(error: unknown): boolean {
  return isDiscoveryError(error) && (error.retryable || /Denied$/.test(error.code) || isMissingKey(error));
}

function isMissingKey({ code, cause }: DiscoveryError): boolean {
  return code === 'SigningKeyUnusable' && readFailure(cause).name === 'NotFoundException';
}

function isKeyRefusal(error: unknown): boolean {
  return isDiscoveryError(error) && /^SigningKey(Denied|Unusable)$/.test(error.code);
}

function explain(what: string, error: unknown): DiscoveryError {
  const found = error instanceof Error ? error.message : String(error);
  const code = isDiscoveryError(error) ? error.code : 'RegistryUnavailable';
  return createWriterError(code, `${what}: ${found}.`, { cause: error });
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

import { DiscoveryError, throwIfAborted } from '@amplify-discovery/core';
import type { Bridge, BridgeResult } from '../engine/create-bridge.ts';

/** A tick of a schedule, a batch of the table's stream, or `{ stages }` by hand. */
export interface BridgeEvent {
  readonly source?: string | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly Records?: readonly StreamRecord[] | undefined;
}

interface StreamRecord {
  readonly dynamodb?: { readonly Keys?: { readonly stage?: { readonly S?: string } } } | undefined;
}

/** As far as the handler needs Lambda's context. */
export interface BridgeContext {
  getRemainingTimeInMillis(): number;
}

export interface BridgeHandlerOptions {
  readonly bridge: Bridge;
  /** The only ones that are copied, whatever an event names. */
  readonly stages: readonly string[];
  readonly mark: string;
  /** The target's name, for the log. */
  readonly target: string;
  /** Receives one line for each stage. @default nobody */
  readonly log?: ((line: BridgeLine) => void) | undefined;
  /** Whether the counts of a line are metrics of CloudWatch too, in its embedded format. @default false */
  readonly metrics?: boolean | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default AbortSignal.timeout */
  readonly startTimeout?: ((milliseconds: number) => AbortSignal) | undefined;
}

/** What the log says of a stage. Counts are there where both sides were compared. */
export interface BridgeLine {
  readonly type: 'sync';
  readonly mark: string;
  readonly target: string;
  readonly stage: string;
  readonly durationMs: number;
  /** `same`: the source has not changed. `partly`: a write failed, or the time was over. */
  readonly outcome: 'same' | 'done' | 'partly' | 'failed';
  readonly written?: number;
  readonly removed?: number;
  readonly failed?: number;
  readonly postponed?: number;
  readonly skipped?: number;
  /** Which ones and why, where that differs from the last time. */
  readonly reasons?: readonly string[];
  readonly withheld?: { readonly reason: string; readonly removals: number };
  readonly statusFault?: string;
  readonly error?: string;
  /** Which of the counts are metrics. */
  readonly _aws?: object;
}

/** For the log, the end of the invocation, and a write that is under way. */
const marginMs = 2000;

/**
 * Makes the handler of a bridge that a schedule or the table's stream wakes. It copies the stages one after the other, and
 * begins no write in the last seconds of the invocation: what is left is done by the next one.
 *
 * @throws DiscoveryError (the handler) of the first stage that failed, after every stage has been tried, so that Lambda counts an
 * error; `InvalidOptions` for an event of another kind.
 */
export function createBridgeHandler(
  options: BridgeHandlerOptions,
): (event: BridgeEvent, context: BridgeContext) => Promise<readonly BridgeLine[]> {
  const { bridge, mark, target, log = () => {}, metrics = false, now = Date.now } = options;
  const { startTimeout = (milliseconds: number) => AbortSignal.timeout(milliseconds) } = options;
  const lastReasons = new Map<string, string>();

  function describe(stage: string, result: BridgeResult): Partial<BridgeLine> & Pick<BridgeLine, 'outcome'> {
    const { plan, written, removed, failed, postponed, skipped, statusFault } = result;
    const fault = statusFault === undefined ? {} : { statusFault: String(statusFault) };
    if (!plan) return { outcome: 'same', ...fault };
    const reasons = skipped.map(({ endpoint: { service, id }, reason }) => `${service}/${id}: ${reason}`);
    const isNews = reasons.join('\n') !== (lastReasons.get(stage) ?? '');
    lastReasons.set(stage, reasons.join('\n'));
    return {
      outcome: failed + postponed === 0 ? 'done' : 'partly',
      written,
      removed,
      failed,
      postponed,
      skipped: skipped.length,
      ...(isNews && reasons.length > 0 && { reasons }),
      ...(plan.withheld && { withheld: plan.withheld }),
      ...fault,
    };
  }

  return async (event, context) => {
    const remainingMs = context.getRemainingTimeInMillis();
    const deadline = now() + remainingMs - marginMs;
    const signal = startTimeout(Math.max(0, remainingMs - marginMs / 2));
    const lines: BridgeLine[] = [];
    let failure: unknown;
    for (const stage of chooseStages(event, options.stages)) {
      const startedAt = now();
      const add = (line: Partial<BridgeLine> & Pick<BridgeLine, 'outcome'>) => {
        const whole: BridgeLine = { type: 'sync', mark, target, stage, durationMs: now() - startedAt, ...line };
        lines.push(whole);
        log(metrics ? { ...whole, _aws: describeMetrics(whole, now()) } : whole);
      };
      try {
        throwIfAborted(signal);
        const result = await bridge.sync(stage, { signal, deadline });
        add(describe(stage, result));
        if (result.failed > 0)
          failure ??= new DiscoveryError(
            'RegistryUnavailable',
            `"${stage}" in ${target}: ${result.failed} writes failed`,
          );
      } catch (error) {
        const reason = signal.aborted ? new DiscoveryError('RegistryUnavailable', tooLong(stage, target)) : error;
        add({ outcome: 'failed', error: String(reason) });
        failure ??= reason;
      }
    }
    if (failure !== undefined) throw failure;
    return lines;
  };
}

const counts = ['written', 'removed', 'failed', 'postponed', 'skipped'] as const;

/**
 * The counts by mark and stage, and how long it took:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function describeMetrics(line: BridgeLine, timestamp: number): object {
  const present = counts.filter((name) => line[name] !== undefined).map((Name) => ({ Name, Unit: 'Count' }));
  const Metrics = [{ Name: 'durationMs', Unit: 'Milliseconds' }, ...present];
  const directive = { Namespace: 'AmplifyDiscovery', Dimensions: [['mark', 'stage']], Metrics };
  return { Timestamp: timestamp, CloudWatchMetrics: [directive] };
}

const tooLong = (stage: string, target: string) =>
  `"${stage}" in ${target}: the function's time was over before it was compared; give it a longer timeout`;

function chooseStages({ source, stages, Records }: BridgeEvent, own: readonly string[]): readonly string[] {
  if (Records) {
    const changed = new Set(Records.map(({ dynamodb }) => dynamodb?.Keys?.stage?.S));
    return own.filter((stage) => changed.has(stage));
  }
  if (stages) return own.filter((stage) => stages.includes(stage));
  if (source === 'aws.events') return own;
  throw new DiscoveryError(
    'InvalidOptions',
    'The event is neither a tick of a schedule nor a batch of the stream, and names no stages',
  );
}

import type { DiscoveryEvent, ReportEvent } from '@amplify-discovery/core';

export interface MetricsOptions {
  /** @default the environment's POWERTOOLS_METRICS_NAMESPACE, else 'AmplifyDiscovery' */
  readonly namespace?: string | undefined;
  /** The `service` dimension. @default the environment's POWERTOOLS_SERVICE_NAME, else 'service_undefined' */
  readonly service?: string | undefined;
  /** Takes one line of JSON. @default standard output, which Lambda sends to CloudWatch */
  readonly write?: ((line: string) => void) | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface Metrics {
  readonly report: ReportEvent;
  /** Writes what was counted since the last time, if anything was. */
  flush(): void;
}

/** CloudWatch takes at most 100 values of one metric in one line. */
const maximumValues = 100;

/**
 * Counts what discovery does and writes it as CloudWatch's embedded metric format, one line per invocation, with the names
 * and the variables that Powertools for AWS Lambda uses: no SDK, no request.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * Hits, StaleServed, Misses, Refreshes, RefreshFailures, Rejected, StorageFailures (Count), Age and RefreshDuration (Seconds).
 *
 * @example
 * ```ts
 * const discovery = createDiscovery({ metrics: createMetrics({ service: 'orders' }) });
 * ```
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const {
    env = process.env,
    now = Date.now,
    write = (line: string) => void process.stdout.write(`${line}\n`),
  } = options;
  const namespace = options.namespace ?? (env.POWERTOOLS_METRICS_NAMESPACE || 'AmplifyDiscovery');
  const service = options.service ?? (env.POWERTOOLS_SERVICE_NAME || 'service_undefined');
  const isDisabled = /^(true|1)$/i.test(env.POWERTOOLS_METRICS_DISABLED ?? '');
  let counts: Record<string, number> = {};
  let seconds: Record<string, number[]> = {};

  function measure(name: string, value: number): void {
    const values = (seconds[name] ??= []);
    if (values.length < maximumValues) values.push(value);
  }

  return {
    report(event) {
      for (const name of countersOf(event)) counts[name] = (counts[name] ?? 0) + 1;
      if (event.type === 'hit') measure('Age', event.ageSeconds);
      if (event.type === 'refresh') measure('RefreshDuration', event.durationSeconds);
    },
    flush() {
      const values = { ...counts, ...seconds };
      const names = Object.keys(values);
      [counts, seconds] = [{}, {}];
      if (!names.length || isDisabled) return;
      const metrics = names.map((name) => ({ Name: name, Unit: Array.isArray(values[name]) ? 'Seconds' : 'Count' }));
      const directive = { Namespace: namespace, Dimensions: [['service']], Metrics: metrics };
      write(JSON.stringify({ _aws: { Timestamp: now(), CloudWatchMetrics: [directive] }, service, ...values }));
    },
  };
}

function countersOf(event: DiscoveryEvent): readonly string[] {
  switch (event.type) {
    case 'hit':
      return event.stale ? ['Hits', 'StaleServed'] : ['Hits'];
    case 'miss':
      return ['Misses'];
    case 'refresh':
      return ['Refreshes'];
    case 'refresh-failed':
      return ['RefreshFailures'];
    case 'rejected':
      return ['Rejected'];
    case 'storage-failed':
      return ['StorageFailures'];
    // Of open pages alone.
    case 'connected':
    case 'disconnected':
      return [];
  }
}

import type { AuditEntry } from './audit-entry.ts';
import { createAuditKey } from './audit-key.ts';
import type { AuditStore } from './audit-store.ts';
import { planEntry } from './plan-entry.ts';
import type { StreamRecord } from './stream-record.ts';

/** What Lambda's stream poller takes as `ReportBatchItemFailures`. */
export interface AuditResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface AuditHandlerOptions {
  readonly store: Pick<AuditStore, 'put'>;
  /** One line for each batch in which something was written or failed. @default none */
  readonly log?: ((line: AuditLine) => void) | undefined;
}

export interface AuditLine {
  readonly written: number;
  /** Entries that an earlier delivery of the same change had written. */
  readonly present: number;
  readonly failed?: string;
}

/** How many objects are written at a time. */
const atOnce = 8;

/**
 * Makes the handler of the table's stream that writes each change to the log. When an entry can't be written, the batch is
 * given back from its record on; what was written after that one is found `present` the next time. Rejects when none of them
 * could be written.
 */
export function createAuditHandler({
  store,
  log = () => {},
}: AuditHandlerOptions): (event: { readonly Records?: readonly StreamRecord[] | undefined }) => Promise<AuditResult> {
  return async ({ Records = [] }) => {
    const planned = Records.flatMap((record, index): { readonly entry: AuditEntry; readonly index: number }[] => {
      const entry = planEntry(record);
      return entry ? [{ entry, index }] : [];
    });
    const counts = { written: 0, present: 0 };
    const failures: { readonly index: number; readonly error: unknown }[] = [];
    const queue = planned.values();
    const work = async () => {
      for (const { entry, index } of queue) {
        if (failures.length > 0) return;
        try {
          counts[await store.put(createAuditKey(entry), `${JSON.stringify(entry)}\n`)] += 1;
        } catch (error) {
          failures.push({ index, error });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, planned.length) }, work));
    const [first] = failures.sort((left, right) => left.index - right.index);
    if (planned.length > 0) log({ ...counts, ...(first && { failed: String(first.error) }) });
    if (!first) return { batchItemFailures: [] };
    // Lambda counts it as an error, which alarms watch: nothing at all could be written.
    if (counts.written + counts.present === 0) throw first.error;
    return { batchItemFailures: [{ itemIdentifier: Records[first.index]?.dynamodb?.SequenceNumber ?? '' }] };
  };
}

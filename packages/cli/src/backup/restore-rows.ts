import { createWriterError, DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import {
  restoreRow,
  retryConcurrentChange,
  type BackupRow,
  type RowRestoration,
} from '@amplify-discovery/registry/operations';
import type { Connection } from '../registry/connect-registry.ts';

/** A row with what becomes of it. */
export interface RestoreStep extends RowRestoration {
  readonly row: BackupRow;
}

const requestsAtOnce = 8;
const shownFaults = 5;

/**
 * What restoring would do to each row. The registry decides it.
 *
 * @throws DiscoveryError `InvalidRecord` naming the rows that the registry does not take.
 */
export async function planRestoration(
  rows: readonly BackupRow[],
  connection: Connection,
): Promise<readonly RestoreStep[]> {
  const faults: string[] = [];
  const steps = await mapRows(rows, async (row) => {
    try {
      return await restoreOne(row, connection, true);
    } catch (error) {
      if (!isDiscoveryError(error) || !['InvalidRecord', 'InvalidOptions'].includes(error.code)) throw error;
      faults.push(error.message);
      return undefined;
    }
  });
  if (faults.length === 0) return steps.filter((step) => step !== undefined);
  const rest = faults.length > shownFaults ? `, and ${faults.length - shownFaults} more` : '';
  throw new DiscoveryError(
    'InvalidRecord',
    `The registry refuses ${faults.length} of ${rows.length} rows, so nothing was written. ${faults.slice(0, shownFaults).join('; ')}${rest}`,
  );
}

/**
 * Restores the rows, rules before the records that they protect, and gives what became of each.
 *
 * @throws DiscoveryError of the first row that failed, saying how many were done: running it again goes on from there.
 */
export async function restoreRows(rows: readonly BackupRow[], connection: Connection): Promise<readonly RestoreStep[]> {
  const isRule = ({ stage }: BackupRow) => stage === '#rules';
  const done: RestoreStep[] = [];
  const restore = async (row: BackupRow) => void done.push(await restoreOne(row, connection, false));
  try {
    await mapRows(rows.filter(isRule), restore);
    await mapRows(
      rows.filter((row) => !isRule(row)),
      restore,
    );
  } catch (error) {
    if (!isDiscoveryError(error)) throw error;
    const { code, message } = error;
    const progress = `${done.length} of ${rows.length} rows were restored before. Run it again: it goes on from there`;
    throw createWriterError(code, `${message} (${progress})`, { cause: error });
  }
  return done;
}

async function restoreOne(row: BackupRow, { transport, operation }: Connection, dryRun: boolean): Promise<RestoreStep> {
  const restoration = await retryConcurrentChange(() => restoreRow(transport, row, { ...operation, dryRun }));
  return { row, ...restoration };
}

/** Several at once, in order; after a failure no more are begun. */
async function mapRows<T>(rows: readonly BackupRow[], run: (row: BackupRow) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  let isOver = false;
  async function work(): Promise<void> {
    while (!isOver && next < rows.length) {
      const index = next++;
      try {
        results[index] = await run(rows[index] as BackupRow);
      } catch (error) {
        isOver = true;
        throw error;
      }
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: requestsAtOnce }, work));
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return results;
}

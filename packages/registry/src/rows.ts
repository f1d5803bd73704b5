import { createWriterError, followPages, type DiscoveryError } from '@amplify-discovery/core';
import { executeOperation, type OperationOptions } from './execute-operation.ts';
import type { GraphqlTransport } from './graphql-transport.ts';

/**
 * A row of the table as it is: a record with all that is remembered of it, a removed one, or a rule. What else it holds is
 * the registry's own, which checks it when it comes back.
 */
export interface BackupRow {
  readonly stage: string;
  readonly key: string;
  readonly [attribute: string]: unknown;
}

/**
 * What became of a row, or would: `restored` where the table had none, `replaced` where it had an older one, `kept` where it has a
 * newer one, `unchanged` where it has this one, `expired` where it is over anyway.
 */
export type RestoreChange = 'restored' | 'replaced' | 'kept' | 'unchanged' | 'expired';

export interface RowRestoration {
  readonly change: RestoreChange;
  /** What the table had before. */
  readonly current: BackupRow | undefined;
}

/**
 * All rows that a backup keeps. Each is as it was at one moment; writes meanwhile may be in it or not. Needs IAM credentials.
 *
 * @throws DiscoveryError `RegistryDenied`, `RegistryOutdated`, `RegistryUnavailable`.
 */
export async function listRows(transport: GraphqlTransport, options?: OperationOptions): Promise<readonly BackupRow[]> {
  const rows: BackupRow[] = [];
  await followPages({ what: 'The registry' }, async (nextToken) => {
    const page = await executeOperation<{ rows: readonly string[]; nextToken: string | null }>(transport, {
      field: 'rows',
      query: (isOlder) => {
        if (isOlder) throw outdated();
        return 'query rows($nextToken: String) { rows(nextToken: $nextToken) { rows nextToken } }';
      },
      variables: () => ({ nextToken }),
      ...options,
      about: {},
    });
    for (const row of page.rows) rows.push(JSON.parse(row) as BackupRow);
    return page.nextToken;
  });
  return rows;
}

/**
 * Puts a row back, unless the table holds a newer one. With `dryRun` it only says what it would do. Needs IAM credentials.
 *
 * @throws DiscoveryError `InvalidRecord` for what the registry could not have written itself, `ConcurrentChange`,
 * `RegistryDenied`, `RegistryOutdated`, `RegistryUnavailable`.
 */
export async function restoreRow(
  transport: GraphqlTransport,
  row: BackupRow,
  { dryRun = false, ...options }: OperationOptions & { readonly dryRun?: boolean } = {},
): Promise<RowRestoration> {
  const { change, current } = await executeOperation<{ change: RestoreChange; current: string | null }>(transport, {
    field: 'restoreRow',
    query: (isOlder) => {
      if (isOlder) throw outdated();
      return 'mutation restoreRow($row: AWSJSON!, $dryRun: Boolean) { restoreRow(row: $row, dryRun: $dryRun) { change current } }';
    },
    variables: () => ({ row: JSON.stringify(row), dryRun }),
    ...options,
    about: { stage: row.stage, service: row.key },
  });
  return { change, current: current === null ? undefined : (JSON.parse(current) as BackupRow) };
}

function outdated(): DiscoveryError {
  return createWriterError('RegistryOutdated', 'This registry does not know backups yet');
}

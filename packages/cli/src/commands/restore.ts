import type { BackupRow, Rule } from '@amplify-discovery/registry/operations';
import { parseBackup } from '../backup/backup-file.ts';
import { backupArgument, bucketRegionOption, findBackupPlace } from '../backup/backup-place.ts';
import { countRows } from '../backup/count-rows.ts';
import { planRestoration, restoreRows, type RestoreStep } from '../backup/restore-rows.ts';
import { carryOut, yesOption } from '../registry/carry-out.ts';
import { connectRegistry } from '../registry/connect-registry.ts';
import { describeRule } from '../registry/describe-rule.ts';
import { registryOptions } from '../registry/registry-options.ts';
import { defineCommand, type Command } from '../terminal/command.ts';

/** `discovery restore` */
export const restoreCommand: Command = defineCommand({
  name: 'restore',
  summary: 'Brings back what a backup has and the registry has not.',
  details:
    'Shows the plan, and asks before it writes; --yes says yes. Without a terminal and with --json only --yes writes. Records come\n' +
    'back with their owners, tokens and times, so that every stack deploys on as before. What was written since the backup stays,\n' +
    'removals too for the day that the registry remembers them. An interrupted restoration is run again. Needs IAM credentials\n' +
    'that may call Mutation.restoreRow.',
  arguments: [backupArgument],
  options: { yes: yesOption, 'bucket-region': bucketRegionOption, ...registryOptions },
  examples: [
    ['discovery restore registry.json', 'see the plan, then decide'],
    ['discovery restore s3://my-backups/registry.json --yes', 'in a runbook'],
  ],
  async run({ arguments: [reference = ''], options }, context) {
    const connection = await connectRegistry(options, context, 'signed');
    const { url, region } = connection.settings;
    const place = findBackupPlace(reference, options['bucket-region'] ?? region, context);
    const backup = parseBackup(await context.wait(`Reading ${reference}`, place.read()), reference);
    const steps = await context.wait(`Comparing with ${url}`, planRestoration(backup.rows, connection));
    const writes = steps.filter(({ change }) => change === 'restored' || change === 'replaced');
    if (!options.json) {
      context.note(`${reference}: ${countRows(backup.rows)} of ${backup.registry}, ${backup.createdAt}`);
      if (backup.registry !== url) context.note(`It goes into another registry: ${url}`);
    }
    const shown = steps.filter(({ change }) => change !== 'unchanged' && change !== 'expired');
    const plan = shown.map(describeStep);
    const rows = writes.map(({ row }) => row);
    if (rows.length === 0) {
      if (options.json) context.printJson({ isDone: false, ...describeForJson(steps) });
      else context.print(...plan);
      if (!options.json) context.note('Nothing is to be restored.');
      return;
    }
    const done = await carryOut({ plan, options, url, write: () => restoreRows(rows, connection) }, context);
    if (options.json) context.printJson({ isDone: done !== undefined, ...describeForJson(done ?? steps) });
    else if (done) context.note(`Restored: ${describeCounts(done)}.`);
  },
});

const words: Readonly<Record<RestoreStep['change'], string>> = {
  restored: 'restore',
  replaced: 'replace',
  kept: 'keep   ',
  unchanged: 'same   ',
  expired: 'expired',
};

function describeStep({ row, change, current }: RestoreStep): string {
  const held = current && change === 'kept' ? `: the registry has a newer one, ${describeRow(current)}` : '';
  const older = current && change === 'replaced' ? `: the registry has an older one, ${describeRow(current)}` : '';
  return `${words[change]} ${nameRow(row)} ${describeRow(row)}${held}${older}`;
}

function nameRow({ stage, key }: BackupRow): string {
  return stage === '#rules' ? key.replace('#', ' ') : `${key.replace('#', '/')} in ${stage}`;
}

function describeRow(row: BackupRow): string {
  const { rule, removed, target, owner } = row;
  if (rule !== undefined) return `(${describeRule(rule as Rule)})`;
  return removed === true ? '(removed)' : `(${String(target)} of ${String(owner)})`;
}

function describeCounts(steps: readonly RestoreStep[]): string {
  const counts = Object.entries(countChanges(steps)).map(([change, count]) => `${count} ${change}`);
  return counts.join(', ');
}

function countChanges(steps: readonly RestoreStep[]): Readonly<Partial<Record<RestoreStep['change'], number>>> {
  const counts: Partial<Record<RestoreStep['change'], number>> = {};
  for (const { change } of steps) counts[change] = (counts[change] ?? 0) + 1;
  return counts;
}

function describeForJson(steps: readonly RestoreStep[]): object {
  const list = steps
    .filter(({ change }) => change !== 'unchanged')
    .map(({ change, row: { stage, key } }) => ({ change, stage, key }));
  return { counts: countChanges(steps), steps: list };
}

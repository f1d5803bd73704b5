/**
 * Pipeline of Mutation.restoreRow: checks the form of a backup's row, then puts it back in put-row.js between the two steps
 * of every other write, so that no reader is told that nothing has changed. Rules of the registry don't limit it: they are
 * restored by it themselves, and who may call it is for IAM to say.
 */
import { util } from '@aws-appsync/utils';
import { isRule } from './shared/records.js';
import { requireRow } from './shared/rows.js';

export function request(ctx) {
  const { row, dryRun } = ctx.args;
  requireRow(row);
  ctx.stash.stage = row.stage;
  ctx.stash.key = row.key;
  // Rules have no head, and looking changes nothing.
  ctx.stash.hasNoHead = dryRun || isRule(row);
  return {};
}

export function response(ctx) {
  const { change, record, failure } = ctx.stash;
  if (failure) util.error(failure.message, failure.type);
  return { change, current: record ?? null };
}

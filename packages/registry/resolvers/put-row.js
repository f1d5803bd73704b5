/**
 * Third function of Mutation.restoreRow, and the only place where it is decided what a backup may replace: a row is put back
 * where the table has none, or an older one. What was written since the backup stays, a removal too for the day that it is
 * remembered. Owner, token and times stay those of the row; who restored it is kept beside them.
 */
import { runtime, util } from '@aws-appsync/utils';
import { findActor } from './shared/callers.js';
import { findWrittenAt, isRule, makeUntouchedCondition } from './shared/records.js';

export function request(ctx) {
  const { row, dryRun } = ctx.args;
  const { record } = ctx.stash;
  const change = planChange(row, record);
  ctx.stash.change = change;
  if (dryRun || (change !== 'restored' && change !== 'replaced')) runtime.earlyReturn(null);
  const { stage, key, ...item } = row;
  item.restoredBy = { actor: findActor(ctx), at: util.time.nowISO8601() };
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage, key }),
    attributeValues: util.dynamodb.toMapValues(item),
    condition: isRule(row) ? makeSameTimeCondition(record) : makeUntouchedCondition(record),
  };
}

export function response(ctx) {
  if (!ctx.error) return null;
  const { stage, key } = ctx.args.row;
  const isConflict = ctx.error.type === 'DynamoDB:ConditionalCheckFailedException';
  ctx.stash.failure = isConflict
    ? { message: `"${key}" in "${stage}" was changed by another request at the same moment`, type: 'ConcurrentChange' }
    : { message: ctx.error.message, type: ctx.error.type };
  return null;
}

function planChange(row, record) {
  if (row.ttl && row.ttl <= util.time.nowEpochSeconds()) return 'expired';
  if (!record) return 'restored';
  const isSame = isRule(row) ? findWrittenAt(row) === findWrittenAt(record) : row.token === record.token;
  if (isSame) return 'unchanged';
  return findWrittenAt(row) > findWrittenAt(record) ? 'replaced' : 'kept';
}

/** A rule has no token: its time says whether it is still the one that was read. */
function makeSameTimeCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const expressionNames = { '#writtenAt': 'writtenAt' };
  const { writtenAt } = record;
  if (writtenAt === undefined) return { expression: 'attribute_not_exists(#writtenAt)', expressionNames };
  const expressionValues = util.dynamodb.toMapValues({ ':writtenAt': writtenAt });
  return { expression: '#writtenAt = :writtenAt', expressionNames, expressionValues };
}

import { util } from '@aws-appsync/utils';

/** Tombstones, heads of stages and expired records are not there for anyone. */
export function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
export const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
export function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
export function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: `#token = :token AND ${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
export function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was `writtenAt` say it otherwise. */
export function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

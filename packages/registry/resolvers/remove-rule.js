/** Takes a rule away. Its row stays for a day, with who did it, so that the log of changes can tell. */
import { util } from '@aws-appsync/utils';
import { findActor } from './shared/callers.js';

const TOMBSTONE_SECONDS = 86400;

export function request(ctx) {
  const { kind, name } = ctx.args;
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage: '#rules', key: `${kind}#${name}` }),
    attributeValues: util.dynamodb.toMapValues({
      removed: true,
      actor: findActor(ctx),
      ttl: util.time.nowEpochSeconds() + TOMBSTONE_SECONDS,
      writtenAt: util.time.nowEpochMilliSeconds(),
    }),
    condition: { expression: 'attribute_exists(#rule)', expressionNames: { '#rule': 'rule' } },
  };
}

export function response(ctx) {
  if (ctx.error && ctx.error.type === 'DynamoDB:ConditionalCheckFailedException') return false;
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return true;
}

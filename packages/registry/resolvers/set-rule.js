/** Writes a rule about who may change what. Who may do that is for IAM to say: it is a field of its own. */
import { util } from '@aws-appsync/utils';
import { findActor } from './shared/callers.js';
import { makeRule } from './shared/rules.js';

export function request(ctx) {
  const actor = findActor(ctx);
  const rule = { ...makeRule(ctx.args.input), actor, updatedAt: util.time.nowISO8601() };
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage: '#rules', key: `${rule.kind}#${rule.name}` }),
    // Resolvers from before there were rules pass over what was removed.
    attributeValues: util.dynamodb.toMapValues({
      rule,
      removed: true,
      actor,
      writtenAt: util.time.nowEpochMilliSeconds(),
    }),
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return ctx.result.rule;
}

/** One page of the stages that have an endpoint, each named once a page. Heads of stages and rules count as removed. */
import { util } from '@aws-appsync/utils';
import { isVisible } from './shared/records.js';

export function request(ctx) {
  return {
    operation: 'Scan',
    projection: {
      expression: '#stage, #removed, #expires',
      expressionNames: { '#stage': 'stage', '#removed': 'removed', '#expires': 'expiresAtSeconds' },
    },
    limit: 1000,
    nextToken: ctx.args.nextToken ?? null,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  const nowSeconds = util.time.nowEpochSeconds();
  // Not the keys of an object: a stage may be called as a member that every object has.
  const stages = [];
  for (const item of items) {
    if (isVisible(item, nowSeconds) && stages.indexOf(item.stage) < 0) stages.push(item.stage);
  }
  return { stages: stages.sort(), nextToken: nextToken ?? null };
}

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
  const found = {};
  for (const item of items) {
    if (isVisible(item, nowSeconds)) found[item.stage] = true;
  }
  return { stages: Object.keys(found).sort(), nextToken: nextToken ?? null };
}

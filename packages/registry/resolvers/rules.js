/** One page of the rules. */
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :rules',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':rules': '#rules' }),
    },
    consistentRead: true,
    limit: 1000,
    nextToken: ctx.args.nextToken ?? null,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  return { rules: items.map((item) => item.rule).filter((rule) => rule), nextToken: nextToken ?? null };
}

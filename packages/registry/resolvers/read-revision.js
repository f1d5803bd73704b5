/**
 * Third function of both mutations: the stage's revision after the change, which is the sum of the
 * two limbs of every visible record's token. Null when the stage has more than one page.
 */
import { util } from '@aws-appsync/utils';

const LIMB = 281474976710656;

export function request(ctx) {
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :stage',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':stage': ctx.args.input.stage }),
    },
    projection: {
      expression: '#limbA, #limbB, #removed, #expires',
      expressionNames: { '#limbA': 'limbA', '#limbB': 'limbB', '#removed': 'removed', '#expires': 'expiresAtSeconds' },
    },
    consistentRead: true,
    limit: 1000,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  const nowSeconds = util.time.nowEpochSeconds();
  let sumA = 0;
  let sumB = 0;
  for (const item of items) {
    if (!item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds)) {
      sumA = (sumA + item.limbA) % LIMB;
      sumB = (sumB + item.limbB) % LIMB;
    }
  }
  ctx.stash.revision = nextToken ? null : `${sumA}.${sumB}`;
  return ctx.stash.revision;
}

/** First function of the mutations of endpoints: the record that holds the key now, read consistently. */
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return {
    operation: 'GetItem',
    key: util.dynamodb.toMapValues({ stage: ctx.args.input.stage, key: ctx.stash.key }),
    consistentRead: true,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  ctx.stash.record = ctx.result;
  return ctx.result;
}

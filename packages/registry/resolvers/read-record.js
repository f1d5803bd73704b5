/** First function of mutations: the record that holds the key now, read consistently. */
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return {
    operation: 'GetItem',
    key: util.dynamodb.toMapValues({ stage: findStage(ctx), key: ctx.stash.key }),
    consistentRead: true,
  };
}

/** Before restorations a pipeline did not say its stage otherwise, and resolvers are upgraded one by one. */
function findStage({ args, stash }) {
  return stash.stage ?? args.input.stage;
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  ctx.stash.record = ctx.result;
  return ctx.result;
}

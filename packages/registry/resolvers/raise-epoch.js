/**
 * Before and after the change of a record: the stage's head forgets the revision and its epoch goes up, so that no read
 * that overlaps the write can fill the head. Done for repeated requests, too: a retry repairs what a crash has left.
 */
import { runtime, util } from '@aws-appsync/utils';

export function request(ctx) {
  if (ctx.stash.hasNoHead) runtime.earlyReturn(null);
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ stage: `${findStage(ctx)}#head`, key: 'head' }),
    update: {
      // Resolvers from before there were heads pass over what was removed.
      expression: 'ADD #epoch :one SET #removed = :removed REMOVE #revision, #publicRevision, #validUntil, #filledAt',
      expressionNames: {
        '#epoch': 'epoch',
        '#removed': 'removed',
        '#revision': 'revision',
        '#publicRevision': 'publicRevision',
        '#validUntil': 'validUntil',
        '#filledAt': 'filledAt',
      },
      expressionValues: util.dynamodb.toMapValues({ ':one': 1, ':removed': true }),
    },
  };
}

/** Before restorations a pipeline did not say its stage otherwise, and resolvers are upgraded one by one. */
function findStage({ args, stash }) {
  return stash.stage ?? args.input.stage;
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return null;
}

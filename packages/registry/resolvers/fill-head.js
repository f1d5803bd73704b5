/**
 * Third function of Query.snapshot: keeps the revision in the stage's head, provided that nobody has begun or ended a write
 * since this read began. A late fill changes nothing, and the reader gets its answer either way.
 */
import { runtime, util } from '@aws-appsync/utils';

export function request(ctx) {
  const { found, isKnown, mayFill, epoch } = ctx.stash;
  if (!found || !isKnown || !mayFill) runtime.earlyReturn(null);
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ stage: `${ctx.args.stage}#head`, key: 'head' }),
    update: {
      expression:
        'SET #revision = :revision, #publicRevision = :publicRevision, #validUntil = :validUntil, #filledAt = :filledAt, #epoch = :epoch, #removed = :removed',
      expressionNames: {
        '#revision': 'revision',
        '#publicRevision': 'publicRevision',
        '#validUntil': 'validUntil',
        '#filledAt': 'filledAt',
        '#epoch': 'epoch',
        '#removed': 'removed',
      },
      expressionValues: util.dynamodb.toMapValues({
        ':revision': found.revision,
        ':publicRevision': found.publicRevision,
        ':validUntil': found.validUntil,
        ':filledAt': util.time.nowEpochSeconds(),
        ':epoch': epoch ?? 0,
        // Resolvers from before there were heads pass over what was removed.
        ':removed': true,
      }),
    },
    condition: makeCondition(epoch),
  };
}

function makeCondition(epoch) {
  const expressionNames = { '#epoch': 'epoch' };
  if (epoch === null) return { expression: 'attribute_not_exists(#epoch)', expressionNames };
  const expressionValues = util.dynamodb.toMapValues({ ':epoch': epoch });
  return { expression: '#epoch = :epoch', expressionNames, expressionValues };
}

/** Whatever went wrong here, the next read tries again. */
export function response() {
  return null;
}

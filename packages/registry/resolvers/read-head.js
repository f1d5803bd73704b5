/** First function of Query.snapshot: the stage's head, read consistently. Later pages go on from the first one's. */
import { runtime, util } from '@aws-appsync/utils';

/** What the head says may be wrong where a writer died between its two steps, but not for longer. */
const HEAD_SECONDS = 3600;

export function request(ctx) {
  const { isClosed, isFirst, page } = ctx.stash;
  if (isClosed) runtime.earlyReturn(null);
  if (!isFirst) {
    ctx.stash.epoch = page.epoch;
    runtime.earlyReturn(null);
  }
  return {
    operation: 'GetItem',
    key: util.dynamodb.toMapValues({ stage: `${ctx.args.stage}#head`, key: 'head' }),
    consistentRead: true,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const head = ctx.result ?? {};
  const { stage, knownRevision } = ctx.args;
  const nowSeconds = util.time.nowEpochSeconds();
  ctx.stash.epoch = head.epoch ?? null;
  const revision = ctx.stash.isPublic ? head.publicRevision : head.revision;
  const age = nowSeconds - (head.filledAt ?? 0);
  const isValid = nowSeconds < (head.validUntil ?? 0) && age < HEAD_SECONDS && age > -HEAD_SECONDS;
  if (isValid && revision && revision === knownRevision) {
    ctx.stash.answer = { stage, revision, unchanged: true, endpoints: [], nextToken: null };
  }
  return head;
}

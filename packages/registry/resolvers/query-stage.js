/**
 * Second function of Query.snapshot: one page of a stage. The running sums of the records' tokens travel inside nextToken,
 * so the revision on the last page describes exactly the records that were read, in whatever order they changed meanwhile:
 * a torn read has a revision that no later read will call unchanged.
 */
import { runtime, util } from '@aws-appsync/utils';
import { isVisible, presentRecord } from './shared/records.js';

const LIMB = 281474976710656;
/** Later than any time that can be written: nothing of the stage expires. */
const NEVER = 253402300799;

export function request(ctx) {
  if (ctx.stash.isClosed || ctx.stash.answer) runtime.earlyReturn(null);
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :stage',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':stage': ctx.args.stage }),
    },
    consistentRead: true,
    limit: 1000,
    nextToken: ctx.stash.page.next,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { stage, services, knownRevision } = ctx.args;
  const { page, isPublic, epoch } = ctx.stash;
  const nowSeconds = util.time.nowEpochSeconds();
  const visible = ctx.result.items.filter((item) => isVisible(item, nowSeconds));
  let { a, b, publicA, publicB } = page;
  let validUntil = page.validUntil ?? NEVER;
  for (const item of visible) {
    a = (a + item.limbA) % LIMB;
    b = (b + item.limbB) % LIMB;
    if (item.public) {
      publicA = (publicA + item.limbA) % LIMB;
      publicB = (publicB + item.limbB) % LIMB;
    }
    if (item.expiresAtSeconds > 0) validUntil = Math.min(validUntil, item.expiresAtSeconds);
    // What an override that has begun hides, and one that has ended shows again, are two states of one token.
    const overriddenUntil = item.override ? item.override.untilSeconds : 0;
    if (overriddenUntil > nowSeconds) {
      validUntil = Math.min(validUntil, overriddenUntil);
      a = (a + 1) % LIMB;
      if (item.public) publicA = (publicA + 1) % LIMB;
    }
  }
  const next = ctx.result.nextToken;
  const revisions = { revision: `${a}.${b}`, publicRevision: `${publicA}.${publicB}` };
  const own = isPublic ? revisions.publicRevision : revisions.revision;
  const unchanged = !next && own === knownRevision;
  const seen = isPublic ? visible.filter((item) => item.public) : visible;
  const wanted = services ? seen.filter((item) => services.indexOf(item.service) >= 0) : seen;
  ctx.stash.found = next ? null : { ...revisions, validUntil };
  // Reading must not create rows for stages that were never written to.
  ctx.stash.isKnown = epoch !== null || ctx.result.items.length > 0;
  ctx.stash.answer = {
    stage,
    revision: next ? null : own,
    unchanged,
    endpoints: unchanged ? [] : wanted.map((item) => presentRecord(item, nowSeconds)),
    nextToken: next ? JSON.stringify({ next, a, b, publicA, publicB, epoch, validUntil }) : null,
  };
  return null;
}

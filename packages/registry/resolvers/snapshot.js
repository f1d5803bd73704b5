/**
 * One page of a stage. The running sum of the records' tokens travels inside nextToken, so the
 * revision on the last page describes exactly the records that were read, in whatever order they
 * changed meanwhile: a torn read has a revision that no later read will call unchanged.
 */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\.)[A-Za-z0-9._-]{1,128}(?![\\s\\S])';
const LIMB = 281474976710656;

export function request(ctx) {
  const { stage, nextToken } = ctx.args;
  if (!util.matches(NAME, stage)) {
    util.error('stage must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  const page = nextToken ? JSON.parse(nextToken) : { next: null, a: 0, b: 0 };
  if (!isPage(page)) util.error('nextToken is not one that this registry gave out', 'InvalidOptions');
  ctx.stash.a = page.a;
  ctx.stash.b = page.b;
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :stage',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':stage': stage }),
    },
    consistentRead: true,
    limit: 1000,
    nextToken: page.next,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { stage, services, knownRevision } = ctx.args;
  const nowSeconds = util.time.nowEpochSeconds();
  const visible = ctx.result.items.filter(
    (item) => !item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds),
  );
  let sumA = ctx.stash.a;
  let sumB = ctx.stash.b;
  for (const item of visible) {
    sumA = (sumA + item.limbA) % LIMB;
    sumB = (sumB + item.limbB) % LIMB;
  }
  const next = ctx.result.nextToken;
  const revision = next ? null : `${sumA}.${sumB}`;
  const unchanged = revision !== null && revision === knownRevision;
  const wanted = services ? visible.filter((item) => services.indexOf(item.service) >= 0) : visible;
  return {
    stage,
    revision,
    unchanged,
    endpoints: unchanged ? [] : wanted,
    nextToken: next ? JSON.stringify({ next, a: sumA, b: sumB }) : null,
  };
}

/** JSON.parse gives a blank string here when the text is not JSON. */
function isPage(page) {
  if (typeof page !== 'object' || page === null) return false;
  return (page.next === null || typeof page.next === 'string') && isLimb(page.a) && isLimb(page.b);
}

function isLimb(value) {
  return typeof value === 'number' && value >= 0 && value < LIMB && Math.floor(value) === value;
}

/**
 * Pipeline of Query.snapshot: reads the stage's head, then a page of the stage unless the head says that nothing has
 * changed, then keeps the revision in the head.
 *
 * The head is one row per stage: `epoch`, which every write raises before and after it, and the revision that a whole read
 * of the stage has found since. A known revision that is the head's costs one read unit however large the stage is.
 */
import { util } from '@aws-appsync/utils';
import { isAnybody, isOpen } from './shared/callers.js';
import { requireName } from './shared/names.js';

const LIMB = 281474976710656;

export function request(ctx) {
  const { stage, nextToken } = ctx.args;
  requireName('stage', stage, 'InvalidOptions');
  const isPublic = isAnybody();
  const page = nextToken ? JSON.parse(nextToken) : { next: null, a: 0, b: 0, publicA: 0, publicB: 0 };
  if (!isPage(page)) util.error('nextToken is not one that this registry gave out', 'InvalidOptions');
  ctx.stash.page = page;
  ctx.stash.isPublic = isPublic;
  ctx.stash.isClosed = isPublic && !isOpen(ctx.env, stage);
  ctx.stash.isFirst = !nextToken;
  // A caller could have made up what is in its nextToken, so only callers who may write fill the head from several pages.
  ctx.stash.mayFill = !nextToken || util.authType() === 'IAM Authorization';
  return {};
}

export function response(ctx) {
  const { answer, isClosed } = ctx.stash;
  const { stage, knownRevision } = ctx.args;
  if (isClosed) return { stage, revision: '0.0', unchanged: knownRevision === '0.0', endpoints: [], nextToken: null };
  return answer;
}

/** JSON.parse gives a blank string here when the text is not JSON. */
function isPage(page) {
  if (typeof page !== 'object' || page === null) return false;
  if (page.next !== null && typeof page.next !== 'string') return false;
  return [page.a, page.b, page.publicA, page.publicB].every(isLimb);
}

function isLimb(value) {
  return typeof value === 'number' && value >= 0 && value < LIMB && Math.floor(value) === value;
}

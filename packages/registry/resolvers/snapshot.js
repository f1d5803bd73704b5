/**
 * Pipeline of Query.snapshot: reads the stage's head, then a page of the stage unless the head says that nothing has
 * changed, then keeps the revision in the head.
 *
 * The head is one row per stage: `epoch`, which every write raises before and after it, and the revision that a whole read
 * of the stage has found since. A known revision that is the head's costs one read unit however large the stage is.
 */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\.)[A-Za-z0-9._-]{1,128}(?![\\s\\S])';
const LIMB = 281474976710656;

export function request(ctx) {
  const { stage, nextToken } = ctx.args;
  if (!util.matches(NAME, stage)) {
    util.error('stage must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  // With an API key the caller is anybody: it sees public records, of the stages that are open to it.
  const isPublic = util.authType() === 'API Key Authorization';
  const page = nextToken ? JSON.parse(nextToken) : { next: null, a: 0, b: 0, publicA: 0, publicB: 0 };
  if (!isPage(page)) util.error('nextToken is not one that this registry gave out', 'InvalidOptions');
  ctx.stash.page = page;
  ctx.stash.isPublic = isPublic;
  ctx.stash.isClosed = isPublic && !isOpen(ctx.env.OPEN_STAGES, stage);
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

function isOpen(open, stage) {
  return !open || open.split(',').some((part) => matchesPart(part, stage));
}

/** A name, or the beginning of one before `*`. */
function matchesPart(part, stage) {
  return part.endsWith('*') ? stage.startsWith(part.slice(0, part.length - 1)) : part === stage;
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

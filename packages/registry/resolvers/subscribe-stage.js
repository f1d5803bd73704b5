/** Lets a subscription begin, unless an API key asks for a stage that is not open to it. */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\.)[A-Za-z0-9._-]{1,128}(?![\\s\\S])';

export function request(ctx) {
  const { stage } = ctx.args;
  if (!util.matches(NAME, stage)) {
    util.error('stage must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  const { OPEN_STAGES: open } = ctx.env;
  const isOpen = !open || open.split(',').some((part) => matchesPart(part, stage));
  if (util.authType() === 'API Key Authorization' && !isOpen) util.unauthorized();
  return { payload: null };
}

export function response() {
  return null;
}

/** A name, or the beginning of one before `*`. */
function matchesPart(part, stage) {
  return part.endsWith('*') ? stage.startsWith(part.slice(0, part.length - 1)) : part === stage;
}

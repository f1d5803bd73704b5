/** The notice that a stage has changed. Its subscribers get what the mutation selects of it. */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\.)[A-Za-z0-9._-]{1,128}(?![\\s\\S])';
const REVISION = '^[\\x21-\\x7e]{1,128}(?![\\s\\S])';

export function request(ctx) {
  const { stage, revision } = ctx.args;
  if (!util.matches(NAME, stage)) {
    util.error('stage must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  if (!util.matches(REVISION, revision)) util.error('revision must be one that a snapshot has', 'InvalidOptions');
  return { payload: { stage, revision } };
}

export function response(ctx) {
  return ctx.result;
}

/** The notice that a stage has changed. Its subscribers get what the mutation selects of it. */
import { util } from '@aws-appsync/utils';
import { requireName } from './shared/names.js';

const REVISION = '^[\\x21-\\x7e]{1,128}(?![\\s\\S])';

export function request(ctx) {
  const { stage, revision } = ctx.args;
  requireName('stage', stage, 'InvalidOptions');
  if (!util.matches(REVISION, revision)) util.error('revision must be one that a snapshot has', 'InvalidOptions');
  return { payload: { stage, revision } };
}

export function response(ctx) {
  return ctx.result;
}

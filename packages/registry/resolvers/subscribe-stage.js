/** Lets a subscription begin, unless an API key asks for a stage that is not open to it. */
import { util } from '@aws-appsync/utils';
import { isAnybody, isOpen } from './shared/callers.js';
import { requireName } from './shared/names.js';

export function request(ctx) {
  const { stage } = ctx.args;
  requireName('stage', stage, 'InvalidOptions');
  if (isAnybody() && !isOpen(ctx.env, stage)) util.unauthorized();
  return { payload: null };
}

export function response() {
  return null;
}

/** Writes a rule about who may change what. Who may do that is for IAM to say: it is a field of its own. */
import { util } from '@aws-appsync/utils';
import { findActor } from './shared/callers.js';
import { requireName } from './shared/names.js';

const PATTERN = '^[\\x21-\\x7e]{1,256}(?![\\s\\S])';
const LISTS = ['principals', 'services', 'stages', 'reserved', 'verbs'];
/** What each kind has to say. */
const REQUIRED = {
  scope: ['verbs'],
  protection: ['stages', 'principals'],
  freeze: ['reason'],
  names: [],
  previews: ['stages', 'seconds'],
};

export function request(ctx) {
  const { input } = ctx.args;
  requireName('name', input.name, 'InvalidOptions');
  for (const field of REQUIRED[input.kind]) {
    if (!input[field]) util.error(`${field} is missing: a rule of kind ${input.kind} needs it`, 'InvalidOptions');
  }
  const rule = { kind: input.kind, name: input.name, actor: findActor(ctx), updatedAt: util.time.nowISO8601() };
  for (const field of LISTS) {
    const values = input[field];
    if (values) {
      if (values.length > 100 || values.some((value) => !util.matches(PATTERN, value))) {
        util.error(`${field} must be at most 100 names or patterns of 1 to 256 characters`, 'InvalidOptions');
      }
      rule[field] = values;
    }
  }
  if (input.reason) rule.reason = input.reason.slice(0, 1000);
  if (input.seconds) {
    if (input.seconds < 3600) util.error('seconds must be an hour, 3600, or more', 'InvalidOptions');
    rule.seconds = input.seconds;
  }
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage: '#rules', key: `${rule.kind}#${rule.name}` }),
    // Resolvers from before there were rules pass over what was removed.
    attributeValues: util.dynamodb.toMapValues({ rule, removed: true, actor: rule.actor }),
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return ctx.result.rule;
}

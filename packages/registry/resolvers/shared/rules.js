import { util } from '@aws-appsync/utils';
import { requireName } from './names.js';

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

/** The rule that an input describes, refused where it says too little or anything malformed. */
export function makeRule(input) {
  requireName('name', input.name, 'InvalidOptions');
  for (const field of REQUIRED[input.kind]) {
    if (!input[field]) util.error(`${field} is missing: a rule of kind ${input.kind} needs it`, 'InvalidOptions');
  }
  const rule = { kind: input.kind, name: input.name };
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
  return rule;
}

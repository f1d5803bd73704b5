import { util } from '@aws-appsync/utils';

/** `(?![\s\S])` because Java's and JavaScript's `$` differ before a final line break. */
const NAME = '^(?!\\.)[A-Za-z0-9._-]{1,128}(?![\\s\\S])';

/** Refuses a record because of one of its fields. */
export function refuse(field, expected) {
  util.error(`${field} must be ${expected}`, 'InvalidRecord');
}

export function isGiven(value) {
  return value !== undefined && value !== null;
}

export function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, `1 to ${most} characters`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
export function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(`${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot`, errorType);
}

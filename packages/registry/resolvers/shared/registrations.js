import { util } from '@aws-appsync/utils';
import { isGiven, refuse, requireName } from './names.js';
import { requireTarget } from './targets.js';

const VERSION = '^[0-9]+\\.[0-9]+\\.[0-9]+(-[A-Za-z0-9_.-]+)?(\\+[A-Za-z0-9_.-]+)?(?![\\s\\S])';
const MAX_METADATA = 4096;
const MAX_PRIORITY = 65535;

/** Refuses what a record that callers could use does not have. */
export function requireRegistration(input) {
  requireTarget(input.kind, input.target);
  requireFields(input);
}

/** The same of all fields but kind and target. */
export function requireFields(input) {
  const weight = input.weight ?? 100;
  if (weight < 0 || weight > 1000) refuse('weight', 'from 0 to 1000');
  const priority = input.priority ?? 0;
  if (priority < 0 || priority > MAX_PRIORITY) refuse('priority', `from 0 to ${MAX_PRIORITY}`);
  if (isGiven(input.tenant)) requireName('tenant', input.tenant, 'InvalidRecord');
  if (isGiven(input.region) && !util.matches('^[a-z0-9-]{1,64}(?![\\s\\S])', input.region)) {
    refuse('region', 'an AWS region such as eu-west-1');
  }
  if (isGiven(input.signingService) && !util.matches('^[a-z0-9-]{1,64}(?![\\s\\S])', input.signingService)) {
    refuse('signingService', 'the name SigV4 signs with, such as execute-api');
  }
  if (isGiven(input.version) && (input.version.length > 128 || !util.matches(VERSION, input.version))) {
    refuse('version', 'a semantic version such as 1.4.2');
  }
}

/** The metadata, which AppSync hands over already parsed. */
export function requireMetadata(metadata) {
  const isObject = typeof metadata === 'object' && metadata !== null && typeof metadata.length !== 'number';
  if (!isObject || Object.values(metadata).some((value) => typeof value !== 'string')) {
    refuse('metadata', 'a JSON object whose values are strings');
  }
  if (JSON.stringify(metadata).length > MAX_METADATA) refuse('metadata', `at most ${MAX_METADATA} characters of JSON`);
  return metadata;
}

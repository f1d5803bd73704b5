/**
 * Pipeline of the mutations of endpoints: checks the input, then reads the record and the rules, raises the epoch of the
 * stage's head, changes the record and raises the epoch again. Only form is judged here; who may change what is decided in change-record.js.
 *
 * Patterns end in (?![\s\S]) because Java's and JavaScript's `$` differ before a final line break.
 */
import { util } from '@aws-appsync/utils';
import { refuse, requireName } from './shared/names.js';
import { presentRecord } from './shared/records.js';
import { ARN_KINDS, requireTarget } from './shared/targets.js';

const VERSION = '^[0-9]+\\.[0-9]+\\.[0-9]+(-[A-Za-z0-9_.-]+)?(\\+[A-Za-z0-9_.-]+)?(?![\\s\\S])';
const MAX_METADATA = 4096;
const MAX_PRIORITY = 65535;
export function request(ctx) {
  const { input } = ctx.args;
  const id = input.id ?? 'default';
  const registers = ctx.info.fieldName === 'registerEndpoint';

  checkName('stage', input.stage);
  checkName('service', input.service);
  checkName('id', id);
  if (isGiven(input.owner)) checkLength('owner', input.owner, 1024);
  if (isGiven(input.token)) checkLength('token', input.token, 64);
  if (isGiven(input.requestId)) checkLength('requestId', input.requestId, 128);
  if (registers) checkRegistration(input);
  if (ctx.info.fieldName === 'overrideEndpoint') checkOverride(input);

  ctx.stash.operation = ctx.info.fieldName;
  ctx.stash.id = id;
  ctx.stash.key = `${input.service}#${id}`;
  ctx.stash.metadata = registers && isGiven(input.metadata) ? readMetadata(input.metadata) : null;
  ctx.stash.isPublic = registers && isPublic(input, ctx.env.PUBLIC_BY_DEFAULT === 'true');
  return {};
}

export function response(ctx) {
  const { input } = ctx.args;
  const { id, change, endpoint, failure } = ctx.stash;
  // An error would have ended the pipeline before the epoch was raised again, so it waits until here.
  if (failure) util.error(failure.message, failure.type);
  const now = endpoint && presentRecord(endpoint, util.time.nowEpochSeconds());
  return { stage: input.stage, service: input.service, id, change, endpoint: now };
}

/** An ARN is for callers with credentials. */
function isPublic(input, byDefault) {
  const hasUrl = ARN_KINDS.indexOf(input.kind) < 0;
  if (input.public && !hasUrl) refuse('public', `false when the kind is ${input.kind}`);
  return hasUrl && (input.public ?? byDefault);
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function checkName(field, value) {
  requireName(field, value, 'InvalidRecord');
}

/** Without a target an override ends. */
function checkOverride(input) {
  const { target, until, reason } = input;
  if (!isGiven(target)) return;
  if (!isGiven(until)) refuse('until', 'given: an override lasts for a time');
  if (util.time.parseISO8601ToEpochMilliSeconds(until) <= util.time.nowEpochMilliSeconds())
    refuse('until', 'later than now');
  if (!isGiven(reason)) refuse('reason', 'given: it stays in the log');
  checkLength('reason', reason, 1000);
}

function checkLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, `1 to ${most} characters`);
}

function checkRegistration(input) {
  requireTarget(input.kind, input.target);
  const weight = input.weight ?? 100;
  if (weight < 0 || weight > 1000) refuse('weight', 'from 0 to 1000');
  const priority = input.priority ?? 0;
  if (priority < 0 || priority > MAX_PRIORITY) refuse('priority', `from 0 to ${MAX_PRIORITY}`);
  if (isGiven(input.tenant)) checkName('tenant', input.tenant);
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

/** AppSync hands an AWSJSON argument over already parsed. */
function readMetadata(metadata) {
  const isObject = typeof metadata === 'object' && metadata !== null && typeof metadata.length !== 'number';
  if (!isObject || Object.values(metadata).some((value) => typeof value !== 'string')) {
    refuse('metadata', 'a JSON object whose values are strings');
  }
  if (JSON.stringify(metadata).length > MAX_METADATA) refuse('metadata', `at most ${MAX_METADATA} characters of JSON`);
  return metadata;
}

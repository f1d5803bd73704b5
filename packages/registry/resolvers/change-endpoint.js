/**
 * Pipeline of the mutations of endpoints: checks the input, then reads the record and the rules, raises the epoch of the
 * stage's head, changes the record and raises the epoch again. Only form is judged here; who may change what is decided in change-record.js.
 *
 * Patterns end in (?![\s\S]) because Java's and JavaScript's `$` differ before a final line break.
 */
import { util } from '@aws-appsync/utils';
import { isGiven, refuse, requireLength, requireName } from './shared/names.js';
import { OVERRIDABLE, presentRecord } from './shared/records.js';
import { requireFields, requireMetadata, requireRegistration } from './shared/registrations.js';
import { ARN_KINDS } from './shared/targets.js';

export function request(ctx) {
  const { input } = ctx.args;
  const id = input.id ?? 'default';
  const registers = ctx.info.fieldName === 'registerEndpoint';

  checkName('stage', input.stage);
  checkName('service', input.service);
  checkName('id', id);
  if (isGiven(input.owner)) requireLength('owner', input.owner, 1024);
  if (isGiven(input.token)) requireLength('token', input.token, 64);
  if (isGiven(input.requestId)) requireLength('requestId', input.requestId, 128);
  if (registers) requireRegistration(input);
  if (ctx.info.fieldName === 'overrideEndpoint') checkOverride(input);
  if (ctx.info.fieldName === 'deregisterEndpoint') checkRemoval(input);

  ctx.stash.operation = ctx.info.fieldName;
  ctx.stash.stage = input.stage;
  ctx.stash.id = id;
  ctx.stash.key = `${input.service}#${id}`;
  ctx.stash.metadata = registers && isGiven(input.metadata) ? requireMetadata(input.metadata) : null;
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

function checkName(field, value) {
  requireName(field, value, 'InvalidRecord');
}

/** Without any value an override ends. */
function checkOverride(input) {
  const { until, reason } = input;
  if (!OVERRIDABLE.some((field) => isGiven(input[field]))) return;
  requireFields(input);
  if (!isGiven(until)) refuse('until', 'given: an override lasts for a time');
  if (util.time.parseISO8601ToEpochMilliSeconds(until) <= util.time.nowEpochMilliSeconds())
    refuse('until', 'later than now');
  requireReason(reason);
}

/** Whoever takes a record away says from which one, and why. */
function checkRemoval({ takeover, token, reason }) {
  if (!takeover) return;
  if (!isGiven(token)) refuse('token', 'given: a takeover removes the record that was seen and no other');
  requireReason(reason);
}

function requireReason(reason) {
  if (!isGiven(reason)) refuse('reason', 'given: it stays in the log');
  requireLength('reason', reason, 1000);
}

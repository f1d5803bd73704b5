/**
 * Fourth function of the mutations of endpoints, and the only place where ownership and fencing are decided.
 *
 * The plan is made from the record that was read; the write carries the condition that this record
 * is still there, so that of two writers one succeeds and the other has to try again.
 * A removed record stays behind for a day as a tombstone: it remembers the requests that were
 * already served, so that a late duplicate of one of them cannot bring the endpoint back.
 * Where requests say when they were made, a record also remembers each owner's latest, so that an older
 * one that arrives after it does nothing, and no takeover beats a registration that was made after it.
 * A removal is remembered even where there is nothing to remove.
 * The owner that a request names is believed of registrars, who have it from CloudFormation. Other callers write what their
 * own IAM identity has written before, and nothing in the name of a stack.
 */
import { runtime, util } from '@aws-appsync/utils';
import { findActor, isHolder, isRegistrar } from './shared/callers.js';
import { isGiven } from './shared/names.js';
import { isVisible, makeUntouchedCondition, OVERRIDABLE } from './shared/records.js';
import { requireTarget } from './shared/targets.js';

const LIMB = 281474976710656; // 2^48: sums of 1,000 of them stay exact in a JavaScript number
const REMEMBERED_REQUESTS = 10;
const REMEMBERED_OWNERS = 10;
const TOMBSTONE_SECONDS = 86400;

export function request(ctx) {
  const { operation, record } = ctx.stash;
  const { input } = ctx.args;
  const nowSeconds = util.time.nowEpochSeconds();
  const held = isVisible(record, nowSeconds) ? record : null;

  const change = ctx.stash.isIdle ? 'unchanged' : planChange(ctx, record, held);
  ctx.stash.change = change;
  ctx.stash.endpoint = held;
  const isToRemember = operation === 'deregisterEndpoint' && findLatest(record, input.owner) < readTime(input);
  if (ctx.stash.isIdle || (change === 'unchanged' && !isToRemember)) runtime.earlyReturn(held);

  const item = makeItem(ctx, held, nowSeconds);
  item.requestIds = rememberRequest(record, input.requestId);
  item.latest = rememberTime(record, input);
  item.mark = Math.floor(Math.random() * LIMB);

  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage: input.stage, key: ctx.stash.key }),
    attributeValues: util.dynamodb.toMapValues(item),
    condition: makeUntouchedCondition(record),
  };
}

/** What is written. A request that is only remembered leaves the record, its token and the revision as they are. */
function makeItem(ctx, held, nowSeconds) {
  const { change, operation, record } = ctx.stash;
  if (change === 'unchanged' && record) {
    const { stage, key, ...rest } = record;
    return rest;
  }
  const item = { actor: findActor(ctx), ...makeContent(ctx, held, nowSeconds, operation) };
  const limbA = Math.floor(Math.random() * LIMB);
  const limbB = Math.floor(Math.random() * LIMB);
  item.limbA = limbA;
  item.limbB = limbB;
  item.token = `${limbA}.${limbB}`;
  // By which a restoration tells what is newer than its backup.
  item.writtenAt = util.time.nowEpochMilliSeconds();
  return item;
}

function makeContent(ctx, held, nowSeconds, operation) {
  if (operation === 'registerEndpoint') return makeRecord(ctx, held, nowSeconds);
  if (operation === 'overrideEndpoint') return overrideRecord(ctx, held);
  const { reason } = ctx.args.input;
  return { removed: true, ttl: nowSeconds + TOMBSTONE_SECONDS, ...(reason ? { reason } : {}) };
}

export function response(ctx) {
  const { input } = ctx.args;
  if (ctx.error) {
    const isConflict = ctx.error.type === 'DynamoDB:ConditionalCheckFailedException';
    const what = describe(input, ctx.stash.id);
    ctx.stash.failure = isConflict
      ? { message: `${what} was changed by another request at the same moment`, type: 'ConcurrentChange' }
      : { message: ctx.error.message, type: ctx.error.type };
    return null;
  }
  const { change } = ctx.stash;
  if (change === 'deregistered') ctx.stash.endpoint = null;
  else if (change !== 'unchanged') ctx.stash.endpoint = ctx.result;
  return ctx.result;
}

function planChange(ctx, record, held) {
  const { operation } = ctx.stash;
  const { input } = ctx.args;
  const what = describe(input, ctx.stash.id);
  if (operation === 'overrideEndpoint') {
    if (!held) util.error(`${what} is not registered, so there is nothing to override`, 'InvalidRecord');
    if (input.target) requireTarget(held.kind, input.target);
    return 'overridden';
  }
  if (!isRegistrar(ctx)) requireOwn(ctx, held, what);
  return operation === 'registerEndpoint' ? planRegistration(input, record, held) : planRemoval(input, record, held);
}

/** Callers other than registrars may write neither for a stack nor over what another identity has registered. */
function requireOwn(ctx, held, what) {
  const { input } = ctx.args;
  const actor = findActor(ctx);
  const [prefix, , service] = input.owner.split(':');
  if (prefix === 'arn' && service === 'cloudformation') {
    util.error(`${what}: only a registrar writes for a stack, and ${actor} is not one`, 'RegistryDenied');
  }
  if (!held || held.owner !== input.owner || input.takeover || isHolder(ctx, held)) return;
  util.error(
    `${what} was registered by ${held.registrant}; ${actor} may not change it without takeover`,
    'RegistryDenied',
  );
}

function planRegistration(input, record, held) {
  if (wasServed(record, input.requestId) || isOutdated(record, input)) return 'unchanged';
  const what = describe(input, input.id ?? 'default');
  if (held && held.owner !== input.owner) {
    if (!input.takeover) {
      util.error(
        `${what} is held by ${held.owner}; ${input.owner} may not replace it without takeover`,
        'RegistrationConflict',
      );
    }
    if (readTime(input) > 0 && readTime(input) < findHeldSince(held)) {
      util.error(
        `${what} is held by ${held.owner}, whose registration is newer than this takeover of ${input.owner} (${input.requestedAt})`,
        'RegistrationConflict',
      );
    }
  }
  if (input.token && (!held || held.token !== input.token)) {
    util.error(`${what} has moved on from token ${input.token}`, 'ConcurrentChange');
  }
  return held ? 'updated' : 'registered';
}

/** A removal that no longer fits the record does nothing: a late one never takes a newer registration away. */
function planRemoval(input, record, held) {
  if (wasServed(record, input.requestId) || isOutdated(record, input)) return 'unchanged';
  if (!held || (held.owner !== input.owner && !input.takeover)) return 'unchanged';
  if (input.token && held.token !== input.token) return 'unchanged';
  return 'deregistered';
}

function wasServed(record, requestId) {
  return !!requestId && (record?.requestIds ?? []).indexOf(requestId) >= 0;
}

function rememberRequest(record, requestId) {
  const known = record?.requestIds ?? [];
  return requestId ? known.concat([requestId]).slice(-REMEMBERED_REQUESTS) : known;
}

/** Requests of one owner count in the order in which they were made, where they tell it. */
function isOutdated(record, input) {
  return readTime(input) > 0 && readTime(input) < findLatest(record, input.owner);
}

function readTime(input) {
  return input.requestedAt ? util.time.parseISO8601ToEpochMilliSeconds(input.requestedAt) : 0;
}

/** When the holder last asked for its record, or when it was written. To the second, as requests are timed. */
function findHeldSince(held) {
  const latest = findLatest(held, held.owner);
  return latest > 0 ? latest : Math.floor(util.time.parseISO8601ToEpochMilliSeconds(held.updatedAt) / 1000) * 1000;
}

function findLatest(record, owner) {
  const known = (record?.latest ?? []).find((entry) => entry.owner === owner);
  return known ? known.at : 0;
}

function rememberTime(record, input) {
  const known = record?.latest ?? [];
  const at = readTime(input);
  if (at === 0) return known;
  const others = known.filter((entry) => entry.owner !== input.owner);
  // However many others ask, the holder's is never forgotten.
  const holders = others.filter((entry) => entry.owner === record.owner);
  return others
    .filter((entry) => entry.owner !== record.owner)
    .slice(-(REMEMBERED_OWNERS - 2))
    .concat(holders)
    .concat([{ owner: input.owner, at }]);
}

function makeRecord(ctx, held, nowSeconds) {
  const { input } = ctx.args;
  const now = util.time.nowISO8601();
  const item = {
    service: input.service,
    id: ctx.stash.id,
    kind: input.kind,
    target: input.target,
    priority: input.priority ?? 0,
    weight: input.weight ?? 100,
    public: ctx.stash.isPublic ?? false,
    owner: input.owner,
    registrant: findActor(ctx),
    registeredAt: held ? held.registeredAt : now,
    updatedAt: now,
  };
  for (const field of ['region', 'signingService', 'authMode', 'version', 'tenant']) {
    if (input[field]) item[field] = input[field];
  }
  if (ctx.stash.metadata) item.metadata = ctx.stash.metadata;
  // An override outlasts a deployment: it ends when its time is over.
  if (held && held.override) item.override = held.override;
  const expiresAt = input.expiresAt ?? findPreviewExpiry(ctx, nowSeconds);
  if (expiresAt) {
    const expiresAtMilliSeconds = util.time.parseISO8601ToEpochMilliSeconds(expiresAt);
    const expiresAtSeconds = Math.floor(expiresAtMilliSeconds / 1000);
    // An offset with seconds is an AWSDateTime that JavaScript's parser, and so older readers, don't take.
    item.expiresAt = util.time.epochMilliSecondsToISO8601(expiresAtMilliSeconds);
    item.expiresAtSeconds = expiresAtSeconds;
    item.ttl = Math.max(expiresAtSeconds, nowSeconds) + TOMBSTONE_SECONDS;
  }
  return item;
}

/** Previews that nobody deploys any more go by themselves. */
function findPreviewExpiry(ctx, nowSeconds) {
  const { previewSeconds } = ctx.stash;
  return previewSeconds > 0 ? util.time.epochMilliSecondsToISO8601((nowSeconds + previewSeconds) * 1000) : null;
}

/** The record with other values for a time, or with its own again. Owner and times stay the deployment's. */
function overrideRecord(ctx, held) {
  const { input } = ctx.args;
  const { stage, key, actor, override, ...rest } = held;
  const values = {};
  for (const field of OVERRIDABLE) if (isGiven(input[field])) values[field] = input[field];
  if (Object.keys(values).length === 0) return rest;
  const { until, reason } = input;
  const untilSeconds = Math.floor(util.time.parseISO8601ToEpochMilliSeconds(until) / 1000);
  return { ...rest, override: { ...values, until, untilSeconds, reason, actor: findActor(ctx) } };
}

function describe(input, id) {
  return `"${input.service}" (id "${id}") in stage "${input.stage}"`;
}

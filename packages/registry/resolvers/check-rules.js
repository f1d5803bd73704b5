/**
 * Second function of the mutations of endpoints: who may change what. The rules are rows of one small partition, so that
 * changing one changes no deployed stack. What a record itself says about its owner is decided in change-record.js.
 */
import { util } from '@aws-appsync/utils';
import { findActor, findPrincipals, isHolder, isRegistrar } from './shared/callers.js';
import { matchesAny } from './shared/patterns.js';
import { isVisible } from './shared/records.js';

const TEXTS = ['region', 'signingService', 'authMode', 'version', 'tenant'];

export function request() {
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :rules',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':rules': '#rules' }),
    },
    consistentRead: true,
    limit: 1000,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { input } = ctx.args;
  const { stage, service } = input;
  const rules = ctx.result.items.map((item) => item.rule).filter((rule) => rule);
  const held = isVisible(ctx.stash.record, util.time.nowEpochSeconds()) ? ctx.stash.record : null;
  const verb = findVerb(ctx, held);

  const preview = rules.find((rule) => rule.kind === 'previews' && matchesAny(rule.stages, stage));
  ctx.stash.previewSeconds = preview ? preview.seconds : 0;
  const refusal = findRefusal(ctx, rules, verb);
  // What would change nothing is not refused but left undone: after a refusal CloudFormation deletes what was not created,
  // or updates to what is there, and a stack in which that fails is stuck.
  ctx.stash.isIdle = !!refusal && isIdle(ctx, verb, held);
  if (refusal && !ctx.stash.isIdle) util.error(refusal.message, refusal.type);
  if (verb === 'register' && !held) checkName(rules, service);
  return null;
}

/** Tells whether there is nothing of this owner to remove, or whether its record says already what is to be registered. */
function isIdle(ctx, verb, held) {
  const { input } = ctx.args;
  const isOwn = !!held && held.owner === input.owner;
  if (verb === 'deregister') return !isOwn;
  return verb === 'register' && isOwn && isSame(ctx, held);
}

function isSame({ args, stash }, held) {
  const { input } = args;
  const { expiresAt } = input;
  const expiry = expiresAt ? Math.floor(util.time.parseISO8601ToEpochMilliSeconds(expiresAt) / 1000) : 0;
  // Renewing a preview is all that is left undone.
  const isSameExpiry = expiry === (held.expiresAtSeconds ?? 0) || (!expiresAt && stash.previewSeconds > 0);
  return (
    isSameExpiry &&
    held.kind === input.kind &&
    held.target === input.target &&
    (held.priority ?? 0) === (input.priority ?? 0) &&
    held.weight === (input.weight ?? 100) &&
    (held.public ?? false) === stash.isPublic &&
    TEXTS.every((field) => (held[field] ?? '') === (input[field] ?? '')) &&
    isSameMap(held.metadata ?? {}, stash.metadata ?? {})
  );
}

function isSameMap(one, other) {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/** Why the rules don't let the caller do this; null where they do. */
function findRefusal(ctx, rules, verb) {
  const { owner, stage, service, scope } = ctx.args.input;
  const registrar = isRegistrar(ctx);
  const principals = findPrincipals(findActor(ctx));
  const what = `"${service}" in stage "${stage}"`;

  const freeze = rules.find((rule) => rule.kind === 'freeze' && covers(rule, stage, service));
  if (freeze && verb !== 'override') {
    const message = `${what} is frozen by "${freeze.name}": ${freeze.reason ?? 'no reason is given'}`;
    return { message, type: 'ServiceFrozen' };
  }
  if (scope && !registrar) return deny(`Only a registrar names a scope; this caller is ${principals[0]}`);

  // A registrar writes for the stack that CloudFormation has named, so rules may name stacks and scopes as well.
  // An override names no owner.
  const behind = owner ? [owner, `scope:${scope ?? ''}`] : [];
  const known = registrar ? principals.concat(behind) : principals;
  const protections = rules.filter((rule) => rule.kind === 'protection' && matchesAny(rule.stages, stage));
  if (protections.length > 0 && !protections.some((rule) => known.some((name) => matchesAny(rule.principals, name)))) {
    return deny(`Stage "${stage}" is protected by "${protections[0].name}": ${known.join(', ')} may not write there`);
  }

  const scopes = rules.filter((rule) => rule.kind === 'scope');
  const isLimited = registrar ? !!scope : scopes.some((rule) => (rule.principals ?? []).length > 0);
  const own = scopes.filter((rule) =>
    registrar ? rule.name === scope : principals.some((name) => matchesAny(rule.principals, name)),
  );
  if (!isLimited || own.some((rule) => covers(rule, stage, service) && (rule.verbs ?? []).indexOf(verb) >= 0)) {
    return null;
  }
  if (!registrar) return deny(`No scope of ${principals[0]} lets it ${verb} ${what}`);
  return deny(
    own.length > 0
      ? `Scope "${scope}" does not let it ${verb} ${what}`
      : `There is no scope "${scope}" to ${verb} ${what}`,
  );
}

function deny(message) {
  return { message, type: 'RegistryDenied' };
}

/** Whoever replaces or removes what is not its own takes it over, under whatever owner. */
function findVerb(ctx, held) {
  const { operation } = ctx.stash;
  if (operation === 'overrideEndpoint') return 'override';
  if (ctx.args.input.takeover && held && !isHolder(ctx, held)) return 'takeover';
  return operation === 'deregisterEndpoint' ? 'deregister' : 'register';
}

/** A rule without services is for all of them. */
function covers(rule, stage, service) {
  return matchesAny(rule.stages ?? ['*'], stage) && matchesAny(rule.services ?? ['*'], service);
}

function checkName(rules, service) {
  for (const rule of rules.filter(({ kind }) => kind === 'names')) {
    if (matchesAny(rule.reserved, service)) {
      util.error(`The name "${service}" is reserved by "${rule.name}"`, 'InvalidRecord');
    }
    if (rule.services && !matchesAny(rule.services, service)) {
      util.error(`A service must be named ${rule.services.join(' or ')}: "${service}" is not`, 'InvalidRecord');
    }
  }
}

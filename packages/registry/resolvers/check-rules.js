/**
 * Second function of the mutations of endpoints: who may change what. The rules are rows of one small partition, so that
 * changing one changes no deployed stack. What a record itself says about its owner is decided in change-record.js.
 */
import { util } from '@aws-appsync/utils';
import { findActor, findPrincipals, isRegistrar } from './shared/callers.js';
import { matchesAny } from './shared/patterns.js';
import { isVisible } from './shared/records.js';

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
  const { stage, service, scope } = input;
  const nowSeconds = util.time.nowEpochSeconds();
  const rules = ctx.result.items.map((item) => item.rule).filter((rule) => rule);
  const held = isVisible(ctx.stash.record, nowSeconds) ? ctx.stash.record : null;
  const verb = findVerb(ctx.stash.operation, input, held);
  const registrar = isRegistrar(ctx);
  const principals = findPrincipals(findActor(ctx));
  const what = `"${service}" in stage "${stage}"`;

  const freeze = rules.find((rule) => rule.kind === 'freeze' && covers(rule, stage, service));
  if (freeze && verb !== 'override') {
    util.error(`${what} is frozen by "${freeze.name}": ${freeze.reason ?? 'no reason is given'}`, 'ServiceFrozen');
  }
  if (scope && !registrar)
    util.error(`Only a registrar names a scope; this caller is ${principals[0]}`, 'RegistryDenied');

  // A registrar writes for the stack that CloudFormation has named, so rules may name stacks and scopes as well.
  const known = registrar ? principals.concat([input.owner, `scope:${scope ?? ''}`]) : principals;
  const protections = rules.filter((rule) => rule.kind === 'protection' && matchesAny(rule.stages, stage));
  if (protections.length > 0 && !protections.some((rule) => known.some((name) => matchesAny(rule.principals, name)))) {
    util.error(
      `Stage "${stage}" is protected by "${protections[0].name}": ${known[0]} may not write there`,
      'RegistryDenied',
    );
  }

  const scopes = rules.filter((rule) => rule.kind === 'scope');
  const isLimited = registrar ? !!scope : scopes.some((rule) => (rule.principals ?? []).length > 0);
  const own = scopes.filter((rule) =>
    registrar ? rule.name === scope : principals.some((name) => matchesAny(rule.principals, name)),
  );
  if (isLimited && !own.some((rule) => covers(rule, stage, service) && (rule.verbs ?? []).indexOf(verb) >= 0)) {
    const whose = registrar ? `Scope "${scope}"` : `No scope of ${principals[0]}`;
    util.error(`${whose} ${registrar ? 'does not let' : 'lets'} it ${verb} ${what}`, 'RegistryDenied');
  }

  if (verb === 'register' && !held) checkName(rules, service);
  const preview = rules.find((rule) => rule.kind === 'previews' && matchesAny(rule.stages, stage));
  ctx.stash.previewSeconds = preview ? preview.seconds : 0;
  return null;
}

function findVerb(operation, input, held) {
  if (operation === 'deregisterEndpoint') return 'deregister';
  if (operation === 'overrideEndpoint') return 'override';
  return input.takeover && held && held.owner !== input.owner ? 'takeover' : 'register';
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

import { util } from '@aws-appsync/utils';
import { matchesAny } from './patterns.js';

/** An API key is public: whoever sends it is anybody. */
export function isAnybody() {
  return util.authType() === 'API Key Authorization';
}

/** Tells whether an API key may read the stage: `OPEN_STAGES` holds names and patterns, and without it every stage is open. */
export function isOpen(env, stage) {
  return !env.OPEN_STAGES || matchesAny(env.OPEN_STAGES.split(','), stage);
}

/** The ARN of the caller's IAM identity. */
export function findActor(ctx) {
  return ctx.identity?.userArn ?? null;
}

/**
 * Who the caller is to rules: its own ARN, and for a session of a role the role without the session, as
 * `arn:aws:iam::111122223333:role/deploy`.
 */
export function findPrincipals(actor) {
  if (!actor) return [];
  const [, partition, service, , account, resource] = actor.split(':');
  if (service !== 'sts' || !resource || !resource.startsWith('assumed-role/')) return [actor];
  return [actor, `arn:${partition}:iam::${account}:role/${resource.split('/')[1]}`];
}

/**
 * Tells whether the caller is a registrar, which writes in the name of the stack that CloudFormation has named. `REGISTRARS` holds
 * their roles; where it is not set, IAM alone decides who may write, and every writer counts as one.
 */
export function isRegistrar(ctx) {
  if (!ctx.env.REGISTRARS) return true;
  const trusted = ctx.env.REGISTRARS.split(',');
  return findPrincipals(findActor(ctx)).some((principal) => matchesAny(trusted, principal));
}

/**
 * Tells whether the record is the caller's own: it holds it under the owner that the request names. A registrar is believed; of any
 * other caller the same IAM identity has to have registered it.
 */
export function isHolder(ctx, held) {
  if (held.owner !== ctx.args.input.owner) return false;
  if (isRegistrar(ctx) || !held.registrant) return true;
  const principals = findPrincipals(findActor(ctx));
  return findPrincipals(held.registrant).some((name) => principals.indexOf(name) >= 0);
}

import { util } from '@aws-appsync/utils';
import { isGiven, refuse, requireLength, requireName } from './names.js';
import { requireMetadata, requireRegistration } from './registrations.js';
import { makeRule } from './rules.js';
import { isRule, OVERRIDABLE } from './records.js';
import { ARN_KINDS, SOCKET_KINDS } from './targets.js';

const KINDS = ['rest', 'http', 'graphql'].concat(SOCKET_KINDS, ARN_KINDS);
const AUTH_MODES = ['none', 'apiKey', 'iam', 'userPool', 'oidc', 'lambda'];
const RULE_KINDS = ['scope', 'protection', 'freeze', 'names', 'previews'];
const LIMIT = 281474976710656; // 2^48
const DAY = 86400000;

/** What a row may hold, by its form. */
const FORMS = {
  text: ['stage', 'key', 'service', 'id', 'kind', 'target', 'owner', 'registrant', 'actor', 'token', 'region'].concat([
    'reason',
    'signingService',
    'authMode',
    'version',
    'tenant',
  ]),
  time: ['registeredAt', 'updatedAt', 'expiresAt'],
  number: ['weight', 'priority', 'expiresAtSeconds', 'ttl', 'writtenAt', 'limbA', 'limbB', 'mark'],
  flag: ['public', 'removed'],
  map: ['metadata', 'override', 'rule', 'restoredBy'],
  list: ['requestIds', 'latest'],
};
const EXPECTED = {
  text: 'text of 1 to 2048 characters',
  time: 'an ISO 8601 time',
  number: 'a whole number from 0',
  flag: 'true or false',
  map: 'a JSON object',
  list: 'a list',
};

const ISO_TIME = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(Z|[+-][0-9:]{5,8})(?![\\s\\S])';

/** Refuses what is not a row that this registry could have written: it would spoil what readers get of its stage. */
export function requireRow(row) {
  if (!isMap(row)) refuse('row', 'a JSON object');
  checkForm(row);
  if (isRule(row)) return requireRuleRow(row);
  requireName('stage', row.stage, 'InvalidRecord');
  requireLength('key', row.key, 257);
  requireTokens(row);
  if (row.removed) {
    if (!isGiven(row.ttl)) refuse('ttl', 'given for a removed record');
    return;
  }
  requireRecord(row);
}

function checkForm(row) {
  for (const [name, value] of Object.entries(row)) {
    const form = Object.keys(FORMS).find((one) => FORMS[one].indexOf(name) >= 0);
    if (!form) refuse('row', `without "${name}", which this registry does not know: upgrade it first`);
    if (isGiven(value) && !hasForm(form, value)) refuse(name, EXPECTED[form]);
  }
  if (!isGiven(row.stage)) refuse('stage', 'given');
  if (!isGiven(row.key)) refuse('key', 'given');
  if ((row.writtenAt ?? 0) > util.time.nowEpochMilliSeconds() + DAY) refuse('writtenAt', 'in the past');
}

function hasForm(form, value) {
  if (form === 'text') return isText(value);
  if (form === 'time') return isTime(value);
  if (form === 'number') return isCount(value);
  if (form === 'flag') return typeof value === 'boolean';
  return form === 'map' ? isMap(value) : isList(value);
}

function requireTokens({ token, limbA, limbB, mark, requestIds, latest }) {
  if (!isLimb(limbA) || !isLimb(limbB) || token !== `${limbA}.${limbB}`) {
    refuse('token', 'the two numbers limbA and limbB, each below 2^48, with a dot between them');
  }
  if (isGiven(mark) && !isLimb(mark)) refuse('mark', 'below 2^48');
  if ((requestIds ?? []).some((id) => !isText(id))) refuse('requestIds', 'texts');
  if ((latest ?? []).some((entry) => !isMap(entry) || !isText(entry.owner) || !isCount(entry.at))) {
    refuse('latest', 'owners with the time of their latest request');
  }
}

function requireRecord(row) {
  const { stage, key, service, id, kind, authMode, owner, registeredAt, updatedAt, override } = row;
  for (const [field, value] of Object.entries({
    service,
    id,
    kind,
    target: row.target,
    owner,
    registeredAt,
    updatedAt,
  })) {
    if (!isGiven(value)) refuse(field, 'given');
  }
  requireName('service', service, 'InvalidRecord');
  requireName('id', id, 'InvalidRecord');
  if (key !== `${service}#${id}`) refuse('key', `"${service}#${id}" for this service and id in stage "${stage}"`);
  if (KINDS.indexOf(kind) < 0) refuse('kind', KINDS.join(', '));
  if (isGiven(authMode) && AUTH_MODES.indexOf(authMode) < 0) refuse('authMode', AUTH_MODES.join(', '));
  requireLength('owner', owner, 1024);
  requireRegistration(row);
  if (!isGiven(row.weight)) refuse('weight', 'given');
  if (isGiven(row.metadata)) requireMetadata(row.metadata);
  if (row.public && ARN_KINDS.indexOf(kind) >= 0) refuse('public', `false when the kind is ${kind}`);
  if (isGiven(row.expiresAt) !== isGiven(row.expiresAtSeconds)) refuse('expiresAt', 'given with expiresAtSeconds');
  if (isGiven(row.expiresAt) && !isGiven(row.ttl)) refuse('ttl', 'given for a record that expires');
  if (!isGiven(override)) return;
  const { until, untilSeconds, reason, actor, ...values } = override;
  const unknown = Object.keys(values).find((field) => OVERRIDABLE.indexOf(field) < 0);
  if (unknown) refuse('override', `without "${unknown}", which this registry does not know: upgrade it first`);
  if (Object.keys(values).length === 0 || !isTime(until) || !isCount(untilSeconds) || !isText(reason)) {
    refuse('override', 'one of the fields that can be overridden, with until, untilSeconds and reason');
  }
  requireRegistration({ ...row, ...values });
}

function requireRuleRow({ key, rule, removed, ttl }) {
  if (!removed) refuse('removed', 'true, as in every row that is not a record');
  if (!isGiven(rule)) {
    if (!isGiven(ttl)) refuse('ttl', 'given for a removed rule');
    return;
  }
  const { kind, name, updatedAt, actor, seconds, reason, ...lists } = rule;
  if (RULE_KINDS.indexOf(kind) < 0) refuse('rule.kind', RULE_KINDS.join(', '));
  if (!isText(name) || key !== `${kind}#${name}`) refuse('key', `"${kind}#${name}" for this rule`);
  if (!isTime(updatedAt)) refuse('rule.updatedAt', 'an ISO 8601 time');
  if (isGiven(actor) && !isText(actor)) refuse('rule.actor', 'text');
  if (isGiven(seconds) && !isCount(seconds)) refuse('rule.seconds', 'a whole number');
  if (isGiven(reason) && !isText(reason)) refuse('rule.reason', 'text');
  for (const [field, values] of Object.entries(lists)) {
    if (!isList(values) || values.some((value) => !isText(value))) refuse(`rule.${field}`, 'a list of texts');
  }
  const made = makeRule({ kind, name, seconds, reason, ...lists });
  const unknown = Object.keys(lists).find((field) => !isGiven(made[field]));
  if (unknown) refuse('rule', `without "${unknown}", which this registry does not know: upgrade it first`);
}

function isMap(value) {
  return typeof value === 'object' && value !== null && typeof value.length !== 'number';
}

function isList(value) {
  return typeof value === 'object' && value !== null && typeof value.length === 'number';
}

function isText(value) {
  return typeof value === 'string' && value.length > 0 && value.length <= 2048;
}

function isTime(value) {
  return isText(value) && util.matches(ISO_TIME, value);
}

function isCount(value) {
  return typeof value === 'number' && value >= 0 && Math.floor(value) === value;
}

function isLimb(value) {
  return isCount(value) && value < LIMIT;
}

/**
 * Pipeline of both mutations: checks the input, then raises the epoch of the stage's head, reads the record, changes it
 * and raises the epoch again. Only form is judged here; who may change what is decided in change-record.js.
 *
 * Patterns end in (?![\s\S]) because Java's and JavaScript's `$` differ before a final line break.
 */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\.)[A-Za-z0-9._-]{1,128}(?![\\s\\S])';
const VERSION = '^[0-9]+\\.[0-9]+\\.[0-9]+(-[A-Za-z0-9_.-]+)?(\\+[A-Za-z0-9_.-]+)?(?![\\s\\S])';
const MAX_TARGET = 2048;
const MAX_METADATA = 4096;
const MAX_PRIORITY = 65535;
const SOCKET_KINDS = ['websocket', 'events'];
const ARN_KINDS = ['function', 'resource'];
/** Nothing that two URL parsers could read differently may be in a target. */
const FORBIDDEN_IN_URL = [
  ' ',
  '\t',
  '\n',
  '\r',
  '\\',
  '?',
  '#',
  '%2f',
  '%5c',
  '%2e',
  '<',
  '>',
  '"',
  '`',
  '{',
  '}',
  '|',
  '^',
];

export function request(ctx) {
  const { input } = ctx.args;
  const id = input.id ?? 'default';
  const registers = ctx.info.fieldName === 'registerEndpoint';

  checkName('stage', input.stage);
  checkName('service', input.service);
  checkName('id', id);
  checkLength('owner', input.owner, 1024);
  if (isGiven(input.token)) checkLength('token', input.token, 64);
  if (isGiven(input.requestId)) checkLength('requestId', input.requestId, 128);
  if (registers) checkRegistration(input);

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
  const now = endpoint && { ...endpoint, priority: endpoint.priority ?? 0, public: endpoint.public ?? false };
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

function refuse(field, expected) {
  util.error(`${field} must be ${expected}`, 'InvalidRecord');
}

function checkName(field, value) {
  if (!util.matches(NAME, value)) refuse(field, '1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot');
}

function checkLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, `1 to ${most} characters`);
}

function checkRegistration(input) {
  checkTarget(input.kind, input.target);
  const weight = input.weight ?? 100;
  if (weight < 0 || weight > 1000) refuse('weight', 'from 0 to 1000');
  const priority = input.priority ?? 0;
  if (priority < 0 || priority > MAX_PRIORITY) refuse('priority', `from 0 to ${MAX_PRIORITY}`);
  if (isGiven(input.tenant)) checkName('tenant', input.tenant);
  if (isGiven(input.region) && !util.matches('^[a-z0-9-]{1,32}(?![\\s\\S])', input.region)) {
    refuse('region', 'an AWS region such as eu-west-1');
  }
  if (isGiven(input.signingService) && !util.matches('^[a-z0-9-]{1,64}(?![\\s\\S])', input.signingService)) {
    refuse('signingService', 'the name SigV4 signs with, such as execute-api');
  }
  if (isGiven(input.version) && (input.version.length > 128 || !util.matches(VERSION, input.version))) {
    refuse('version', 'a semantic version such as 1.4.2');
  }
}

function checkTarget(kind, target) {
  if (target.length > MAX_TARGET) refuse('target', `at most ${MAX_TARGET} characters`);
  const text = target.toLowerCase();
  if (FORBIDDEN_IN_URL.some((part) => text.indexOf(part) >= 0)) {
    refuse('target', 'free of white space, query, hash, backslashes and encoded slashes or dots');
  }
  if (ARN_KINDS.indexOf(kind) >= 0) {
    if (!target.startsWith('arn:') || target.split(':').length < 6) refuse('target', `an ARN when the kind is ${kind}`);
  } else {
    checkUrl(SOCKET_KINDS.indexOf(kind) >= 0, target);
  }
}

function checkUrl(mayBeSocket, target) {
  const parts = target.split('://');
  const scheme = parts[0];
  const authority = target.slice(scheme.length + 3).split('/')[0];
  if (parts.length !== 2 || authority === '' || authority.indexOf('@') >= 0) {
    refuse('target', 'an absolute URL with a host and without user info');
  }
  const isSecure = scheme === 'https' || (mayBeSocket && scheme === 'wss');
  const isPlain = scheme === 'http' || (mayBeSocket && scheme === 'ws');
  const isLocal = util.matches('^(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{1,5})?(?![\\s\\S])', authority);
  if (!isSecure && !(isPlain && isLocal)) {
    refuse(
      'target',
      'an https:// URL (wss:// for websocket and events; http:// for localhost, 127.0.0.1 and [::1] only)',
    );
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

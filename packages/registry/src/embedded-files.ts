// Written by `npm run embed` from schema/ and resolvers/. Change those.
export const schemaText: string = `# The contract of an amplify-discovery registry.
#
# Default authorization is AWS_IAM. Reads may also be opened to an API key or to a user pool;
# writes never are. \`owner\`, \`token\` and the times are for deployers, so only IAM callers see them.

schema {
  query: Query
  mutation: Mutation
  subscription: Subscription
}

type Query {
  # All endpoints of one stage. Follow nextToken until it is null; the revision is on the last page.
  # With knownRevision equal to the current revision the answer is unchanged: true and carries no endpoints.
  snapshot(stage: String!, services: [String!], knownRevision: String, nextToken: String): SnapshotPage!
    @aws_iam
    @aws_api_key
    @aws_cognito_user_pools
  # Where a service is registered, in all stages.
  service(name: String!, nextToken: String): EndpointPage! @aws_iam @aws_api_key @aws_cognito_user_pools
  # The stages that have at least one endpoint. A page may repeat a stage of an earlier page.
  stages(nextToken: String): StagePage! @aws_iam @aws_api_key @aws_cognito_user_pools
}

type Mutation {
  # Errors: RegistrationConflict (another owner holds the key), ConcurrentChange (retry), InvalidRecord.
  registerEndpoint(input: RegisterEndpointInput!): EndpointChange! @aws_iam
  # Does nothing, successfully, when the record is gone, has another owner or has another token.
  deregisterEndpoint(input: DeregisterEndpointInput!): EndpointChange! @aws_iam
}

type Subscription {
  onEndpointChange(stage: String!): EndpointChange
    @aws_subscribe(mutations: ["registerEndpoint", "deregisterEndpoint"])
    @aws_iam
    @aws_api_key
    @aws_cognito_user_pools
}

enum EndpointKind {
  rest
  http
  graphql
  events
  websocket
  function
  resource
}

enum AuthMode {
  none
  apiKey
  iam
  userPool
  oidc
  lambda
}

enum ChangeKind {
  registered
  updated
  deregistered
  # Nothing was written: the same request was seen before, or there was nothing of this owner to remove.
  unchanged
}

type Endpoint @aws_iam @aws_api_key @aws_cognito_user_pools {
  stage: String!
  service: String!
  id: String!
  kind: EndpointKind!
  target: String!
  region: String
  signingService: String
  authMode: AuthMode
  version: String
  tenant: String
  weight: Int!
  # A JSON object whose values are strings.
  metadata: AWSJSON
  expiresAt: AWSDateTime
  owner: String @aws_iam
  token: String @aws_iam
  registeredAt: AWSDateTime @aws_iam
  updatedAt: AWSDateTime @aws_iam
}

type SnapshotPage @aws_iam @aws_api_key @aws_cognito_user_pools {
  stage: String!
  # Null on every page but the last.
  revision: String
  unchanged: Boolean!
  endpoints: [Endpoint!]!
  nextToken: String
}

type EndpointPage @aws_iam @aws_api_key @aws_cognito_user_pools {
  endpoints: [Endpoint!]!
  nextToken: String
}

type StagePage @aws_iam @aws_api_key @aws_cognito_user_pools {
  stages: [String!]!
  nextToken: String
}

type EndpointChange @aws_iam @aws_api_key @aws_cognito_user_pools {
  stage: String!
  service: String!
  id: String!
  change: ChangeKind!
  # The stage's revision after the change. Null when the stage is larger than one page: read the snapshot.
  revision: String
  # The record as it is now; null when there is none.
  endpoint: Endpoint
}

input RegisterEndpointInput {
  stage: String!
  service: String!
  id: String = "default"
  kind: EndpointKind!
  target: String!
  region: String
  signingService: String
  authMode: AuthMode
  version: String
  tenant: String
  weight: Int = 100
  metadata: AWSJSON
  expiresAt: AWSDateTime
  owner: String!
  # Replace a record that another owner holds.
  takeover: Boolean = false
  # The token this caller last saw: the write is refused with ConcurrentChange when the record has moved on.
  token: String
  # Makes a repeated delivery of one request a no-op, also after a later change of the same record.
  requestId: String
  # When the request was made. Of one owner's requests, one that is older than the latest does nothing.
  requestedAt: AWSDateTime
}

input DeregisterEndpointInput {
  stage: String!
  service: String!
  id: String = "default"
  owner: String!
  # Only remove the record that still has this token.
  token: String
  requestId: String
  requestedAt: AWSDateTime
}
`;

export const resolverTexts: Readonly<Record<string, string>> = {
  'change-endpoint.js': `/**
 * Pipeline of both mutations: checks the input, then reads the record, changes it and reads the
 * stage's revision. Only form is judged here; who may change what is decided in change-record.js.
 *
 * Patterns end in (?![\\s\\S]) because Java's and JavaScript's \`$\` differ before a final line break.
 */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';
const VERSION = '^[0-9]+\\\\.[0-9]+\\\\.[0-9]+(-[A-Za-z0-9_.-]+)?(\\\\+[A-Za-z0-9_.-]+)?(?![\\\\s\\\\S])';
const MAX_TARGET = 2048;
const MAX_METADATA = 4096;
const SOCKET_KINDS = ['websocket', 'events'];
const ARN_KINDS = ['function', 'resource'];
/** Nothing that two URL parsers could read differently may be in a target. */
const FORBIDDEN_IN_URL = [
  ' ',
  '\\t',
  '\\n',
  '\\r',
  '\\\\',
  '?',
  '#',
  '%2f',
  '%5c',
  '%2e',
  '<',
  '>',
  '"',
  '\`',
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
  ctx.stash.key = \`\${input.service}#\${id}\`;
  ctx.stash.metadata = registers && isGiven(input.metadata) ? readMetadata(input.metadata) : null;
  return {};
}

export function response(ctx) {
  const { input } = ctx.args;
  const { id, change, endpoint, revision } = ctx.stash;
  return { stage: input.stage, service: input.service, id, change, revision, endpoint };
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function checkName(field, value) {
  if (!util.matches(NAME, value)) refuse(field, '1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot');
}

function checkLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

function checkRegistration(input) {
  checkTarget(input.kind, input.target);
  const weight = input.weight ?? 100;
  if (weight < 0 || weight > 1000) refuse('weight', 'from 0 to 1000');
  if (isGiven(input.tenant)) checkName('tenant', input.tenant);
  if (isGiven(input.region) && !util.matches('^[a-z0-9-]{1,32}(?![\\\\s\\\\S])', input.region)) {
    refuse('region', 'an AWS region such as eu-west-1');
  }
  if (isGiven(input.signingService) && !util.matches('^[a-z0-9-]{1,64}(?![\\\\s\\\\S])', input.signingService)) {
    refuse('signingService', 'the name SigV4 signs with, such as execute-api');
  }
  if (isGiven(input.version) && (input.version.length > 128 || !util.matches(VERSION, input.version))) {
    refuse('version', 'a semantic version such as 1.4.2');
  }
}

function checkTarget(kind, target) {
  if (target.length > MAX_TARGET) refuse('target', \`at most \${MAX_TARGET} characters\`);
  const text = target.toLowerCase();
  if (FORBIDDEN_IN_URL.some((part) => text.indexOf(part) >= 0)) {
    refuse('target', 'free of white space, query, hash, backslashes and encoded slashes or dots');
  }
  if (ARN_KINDS.indexOf(kind) >= 0) {
    if (!target.startsWith('arn:') || target.split(':').length < 6) refuse('target', \`an ARN when the kind is \${kind}\`);
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
  const isLocal = util.matches('^(localhost|127\\\\.0\\\\.0\\\\.1|\\\\[::1\\\\])(:[0-9]{1,5})?(?![\\\\s\\\\S])', authority);
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
  if (JSON.stringify(metadata).length > MAX_METADATA) refuse('metadata', \`at most \${MAX_METADATA} characters of JSON\`);
  return metadata;
}
`,
  'change-record.js': `/**
 * Second function of both mutations, and the only place where ownership and fencing are decided.
 *
 * The plan is made from the record that was read; the write carries the condition that this record
 * is still there, so that of two writers one succeeds and the other has to try again.
 * A removed record stays behind for a day as a tombstone: it remembers the requests that were
 * already served, so that a late duplicate of one of them cannot bring the endpoint back.
 * Where requests say when they were made, a record also remembers each owner's latest, so that an older
 * one that arrives after it does nothing, and no takeover beats a registration that was made after it.
 * A removal is remembered even where there is nothing to remove.
 */
import { runtime, util } from '@aws-appsync/utils';

const LIMB = 281474976710656; // 2^48: sums of 1,000 of them stay exact in a JavaScript number
const REMEMBERED_REQUESTS = 10;
const REMEMBERED_OWNERS = 10;
const TOMBSTONE_SECONDS = 86400;

export function request(ctx) {
  const { operation, record } = ctx.stash;
  const { input } = ctx.args;
  const nowSeconds = util.time.nowEpochSeconds();
  const held = isVisible(record, nowSeconds) ? record : null;
  const registers = operation === 'registerEndpoint';

  const change = registers ? planRegistration(input, record, held) : planRemoval(input, record, held);
  ctx.stash.change = change;
  ctx.stash.endpoint = held;
  const isToRemember = !registers && findLatest(record, input.owner) < readTime(input);
  if (change === 'unchanged' && !isToRemember) runtime.earlyReturn(held);

  const item = makeItem(ctx, held, nowSeconds);
  item.requestIds = rememberRequest(record, input.requestId);
  item.latest = rememberTime(record, input);
  item.mark = Math.floor(Math.random() * LIMB);

  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage: input.stage, key: ctx.stash.key }),
    attributeValues: util.dynamodb.toMapValues(item),
    condition: makeCondition(record),
  };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** What is written. A request that is only remembered leaves the record, its token and the revision as they are. */
function makeItem(ctx, held, nowSeconds) {
  const { change, operation, record } = ctx.stash;
  if (change === 'unchanged' && record) {
    const { stage, key, ...rest } = record;
    return rest;
  }
  const item =
    operation === 'registerEndpoint'
      ? makeRecord(ctx, held, nowSeconds)
      : { removed: true, ttl: nowSeconds + TOMBSTONE_SECONDS };
  const limbA = Math.floor(Math.random() * LIMB);
  const limbB = Math.floor(Math.random() * LIMB);
  item.limbA = limbA;
  item.limbB = limbB;
  item.token = \`\${limbA}.\${limbB}\`;
  return item;
}

export function response(ctx) {
  const { input } = ctx.args;
  if (ctx.error) {
    if (ctx.error.type === 'DynamoDB:ConditionalCheckFailedException') {
      util.error(
        \`\${describe(input, ctx.stash.id)} was changed by another request at the same moment\`,
        'ConcurrentChange',
      );
    }
    util.error(ctx.error.message, ctx.error.type);
  }
  const { change } = ctx.stash;
  if (change === 'deregistered') ctx.stash.endpoint = null;
  else if (change !== 'unchanged') ctx.stash.endpoint = ctx.result;
  return ctx.result;
}

/** Tombstones and expired records hold nothing. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

function planRegistration(input, record, held) {
  if (wasServed(record, input.requestId) || isOutdated(record, input)) return 'unchanged';
  const what = describe(input, input.id ?? 'default');
  if (held && held.owner !== input.owner) {
    if (!input.takeover) {
      util.error(
        \`\${what} is held by \${held.owner}; \${input.owner} may not replace it without takeover\`,
        'RegistrationConflict',
      );
    }
    if (readTime(input) > 0 && readTime(input) < findHeldSince(held)) {
      util.error(
        \`\${what} is held by \${held.owner}, whose registration is newer than this takeover of \${input.owner} (\${input.requestedAt})\`,
        'RegistrationConflict',
      );
    }
  }
  if (input.token && (!held || held.token !== input.token)) {
    util.error(\`\${what} has moved on from token \${input.token}\`, 'ConcurrentChange');
  }
  return held ? 'updated' : 'registered';
}

/** A removal that no longer fits the record does nothing: a late one never takes a newer registration away. */
function planRemoval(input, record, held) {
  if (wasServed(record, input.requestId) || isOutdated(record, input)) return 'unchanged';
  if (!held || held.owner !== input.owner) return 'unchanged';
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
    weight: input.weight ?? 100,
    owner: input.owner,
    registeredAt: held ? held.registeredAt : now,
    updatedAt: now,
  };
  for (const field of ['region', 'signingService', 'authMode', 'version', 'tenant']) {
    if (input[field]) item[field] = input[field];
  }
  if (ctx.stash.metadata) item.metadata = ctx.stash.metadata;
  if (input.expiresAt) {
    const expiresAtSeconds = Math.floor(util.time.parseISO8601ToEpochMilliSeconds(input.expiresAt) / 1000);
    item.expiresAt = input.expiresAt;
    item.expiresAtSeconds = expiresAtSeconds;
    item.ttl = Math.max(expiresAtSeconds, nowSeconds) + TOMBSTONE_SECONDS;
  }
  return item;
}

function describe(input, id) {
  return \`"\${input.service}" (id "\${id}") in stage "\${input.stage}"\`;
}
`,
  'read-record.js': `/** First function of both mutations: the record that holds the key now, read consistently. */
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return {
    operation: 'GetItem',
    key: util.dynamodb.toMapValues({ stage: ctx.args.input.stage, key: ctx.stash.key }),
    consistentRead: true,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  ctx.stash.record = ctx.result;
  return ctx.result;
}
`,
  'read-revision.js': `/**
 * Third function of both mutations: the stage's revision after the change, which is the sum of the
 * two limbs of every visible record's token. Null when the stage has more than one page.
 */
import { util } from '@aws-appsync/utils';

const LIMB = 281474976710656;

export function request(ctx) {
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :stage',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':stage': ctx.args.input.stage }),
    },
    projection: {
      expression: '#limbA, #limbB, #removed, #expires',
      expressionNames: { '#limbA': 'limbA', '#limbB': 'limbB', '#removed': 'removed', '#expires': 'expiresAtSeconds' },
    },
    consistentRead: true,
    limit: 1000,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  const nowSeconds = util.time.nowEpochSeconds();
  let sumA = 0;
  let sumB = 0;
  for (const item of items) {
    if (!item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds)) {
      sumA = (sumA + item.limbA) % LIMB;
      sumB = (sumB + item.limbB) % LIMB;
    }
  }
  ctx.stash.revision = nextToken ? null : \`\${sumA}.\${sumB}\`;
  return ctx.stash.revision;
}
`,
  'service.js': `/** One page of the endpoints of a service, in all stages. The index lags a write by moments. */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

export function request(ctx) {
  const { name, nextToken } = ctx.args;
  if (!util.matches(NAME, name)) {
    util.error('name must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  return {
    operation: 'Query',
    index: 'byService',
    query: {
      expression: '#service = :service',
      expressionNames: { '#service': 'service' },
      expressionValues: util.dynamodb.toMapValues({ ':service': name }),
    },
    limit: 1000,
    nextToken: nextToken ?? null,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  const nowSeconds = util.time.nowEpochSeconds();
  return {
    endpoints: items.filter(
      (item) => !item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds),
    ),
    nextToken: nextToken ?? null,
  };
}
`,
  'snapshot.js': `/**
 * One page of a stage. The running sum of the records' tokens travels inside nextToken, so the
 * revision on the last page describes exactly the records that were read, in whatever order they
 * changed meanwhile: a torn read has a revision that no later read will call unchanged.
 */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';
const LIMB = 281474976710656;

export function request(ctx) {
  const { stage, nextToken } = ctx.args;
  if (!util.matches(NAME, stage)) {
    util.error('stage must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  const page = nextToken ? JSON.parse(nextToken) : { next: null, a: 0, b: 0 };
  if (!isPage(page)) util.error('nextToken is not one that this registry gave out', 'InvalidOptions');
  ctx.stash.a = page.a;
  ctx.stash.b = page.b;
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :stage',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':stage': stage }),
    },
    consistentRead: true,
    limit: 1000,
    nextToken: page.next,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { stage, services, knownRevision } = ctx.args;
  const nowSeconds = util.time.nowEpochSeconds();
  const visible = ctx.result.items.filter(
    (item) => !item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds),
  );
  let sumA = ctx.stash.a;
  let sumB = ctx.stash.b;
  for (const item of visible) {
    sumA = (sumA + item.limbA) % LIMB;
    sumB = (sumB + item.limbB) % LIMB;
  }
  const next = ctx.result.nextToken;
  const revision = next ? null : \`\${sumA}.\${sumB}\`;
  const unchanged = revision !== null && revision === knownRevision;
  const wanted = services ? visible.filter((item) => services.indexOf(item.service) >= 0) : visible;
  return {
    stage,
    revision,
    unchanged,
    endpoints: unchanged ? [] : wanted,
    nextToken: next ? JSON.stringify({ next, a: sumA, b: sumB }) : null,
  };
}

/** JSON.parse gives a blank string here when the text is not JSON. */
function isPage(page) {
  if (typeof page !== 'object' || page === null) return false;
  return (page.next === null || typeof page.next === 'string') && isLimb(page.a) && isLimb(page.b);
}

function isLimb(value) {
  return typeof value === 'number' && value >= 0 && value < LIMB && Math.floor(value) === value;
}
`,
  'stages.js': `/** One page of the stages that have an endpoint, each named once a page. */
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return {
    operation: 'Scan',
    projection: {
      expression: '#stage, #removed, #expires',
      expressionNames: { '#stage': 'stage', '#removed': 'removed', '#expires': 'expiresAtSeconds' },
    },
    limit: 1000,
    nextToken: ctx.args.nextToken ?? null,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  const nowSeconds = util.time.nowEpochSeconds();
  const found = {};
  for (const item of items) {
    if (!item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds)) found[item.stage] = true;
  }
  return { stages: Object.keys(found).sort(), nextToken: nextToken ?? null };
}
`,
};

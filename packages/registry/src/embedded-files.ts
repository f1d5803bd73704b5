// Written by `npm run embed` from schema/ and resolvers/. Change those.
export const schemaText: string = `# The contract of an amplify-discovery registry, version 1.
#
# Default authorization is AWS_IAM. An API key is public, so it reads public records only. Signed-in users of a user pool
# read everything but what is for deployers: owner, token, actor and times, which need the group discovery-operators.
# Writes always take IAM.
#
# Clients and registries of different versions live side by side: a field is added, never changed or removed while a
# client may still ask for it. Query.registry says what this registry can do.

schema {
  query: Query
  mutation: Mutation
  subscription: Subscription
}

type Query {
  registry: RegistryInfo! @aws_iam @aws_api_key @aws_cognito_user_pools
  # All endpoints of one stage that the caller may see. Follow nextToken until it is null; the revision is on the last page.
  # With knownRevision equal to the current revision the answer is unchanged: true, without endpoints, and costs one small
  # read however large the stage is.
  snapshot(stage: String!, services: [String!], knownRevision: String, nextToken: String): SnapshotPage!
    @aws_iam
    @aws_api_key
    @aws_cognito_user_pools
  # Where a service is registered, in all stages.
  service(name: String!, nextToken: String): EndpointPage! @aws_iam @aws_cognito_user_pools
  # The stages that have at least one endpoint. A page may repeat a stage of an earlier page.
  stages(nextToken: String): StagePage! @aws_iam @aws_cognito_user_pools
}

type Mutation {
  # Errors: RegistrationConflict (another owner holds the key), ConcurrentChange (retry), InvalidRecord.
  registerEndpoint(input: RegisterEndpointInput!): EndpointChange! @aws_iam
  # Does nothing, successfully, when the record is gone, has another owner or has another token.
  deregisterEndpoint(input: DeregisterEndpointInput!): EndpointChange! @aws_iam
  # Notifies the subscribers of a stage. Stores nothing; the publisher calls it once the change can be read everywhere.
  announceStage(stage: String!, revision: String!): StageNotice! @aws_iam
}

type Subscription {
  # Says that a stage has changed, and nothing else: read the snapshot again.
  onStageChange(stage: String!): StageNotice
    @aws_subscribe(mutations: ["announceStage"])
    @aws_iam
    @aws_api_key
    @aws_cognito_user_pools
}

type RegistryInfo @aws_iam @aws_api_key @aws_cognito_user_pools {
  # Of this contract.
  version: Int!
  # What was added since version 0: head, notices, priority, public, actor.
  capabilities: [String!]!
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
  # As in DNS SRV (RFC 2782): lower first, the next priority only while the one before it cannot be reached.
  priority: Int!
  weight: Int!
  # May be read with an API key, and is part of the public snapshot.
  public: Boolean!
  # A JSON object whose values are strings.
  metadata: AWSJSON
  expiresAt: AWSDateTime
  owner: String @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  token: String @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  # Who wrote the record last, from the credentials of that request.
  actor: String @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  registeredAt: AWSDateTime @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  updatedAt: AWSDateTime @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
}

type SnapshotPage @aws_iam @aws_api_key @aws_cognito_user_pools {
  stage: String!
  # Null on every page but the last.
  revision: String
  unchanged: Boolean!
  endpoints: [Endpoint!]!
  nextToken: String
}

type EndpointPage @aws_iam @aws_cognito_user_pools {
  endpoints: [Endpoint!]!
  nextToken: String
}

type StagePage @aws_iam @aws_cognito_user_pools {
  stages: [String!]!
  nextToken: String
}

type StageNotice @aws_iam @aws_api_key @aws_cognito_user_pools {
  stage: String!
  revision: String!
}

type EndpointChange @aws_iam {
  stage: String!
  service: String!
  id: String!
  change: ChangeKind!
  # Always null. Registrars of version 0 ask for it.
  revision: String @deprecated(reason: "Read the snapshot.")
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
  # 0 to 65535.
  priority: Int = 0
  weight: Int = 100
  # Not for kinds whose target is an ARN. Default: false, unless the registry says otherwise.
  public: Boolean
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
  'announce-stage.js': `/** The notice that a stage has changed. Its subscribers get what the mutation selects of it. */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';
const REVISION = '^[\\\\x21-\\\\x7e]{1,128}(?![\\\\s\\\\S])';

export function request(ctx) {
  const { stage, revision } = ctx.args;
  if (!util.matches(NAME, stage)) {
    util.error('stage must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  if (!util.matches(REVISION, revision)) util.error('revision must be one that a snapshot has', 'InvalidOptions');
  return { payload: { stage, revision } };
}

export function response(ctx) {
  return ctx.result;
}
`,
  'change-endpoint.js': `/**
 * Pipeline of both mutations: checks the input, then raises the epoch of the stage's head, reads the record, changes it
 * and raises the epoch again. Only form is judged here; who may change what is decided in change-record.js.
 *
 * Patterns end in (?![\\s\\S]) because Java's and JavaScript's \`$\` differ before a final line break.
 */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';
const VERSION = '^[0-9]+\\\\.[0-9]+\\\\.[0-9]+(-[A-Za-z0-9_.-]+)?(\\\\+[A-Za-z0-9_.-]+)?(?![\\\\s\\\\S])';
const MAX_TARGET = 2048;
const MAX_METADATA = 4096;
const MAX_PRIORITY = 65535;
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
  if (input.public && !hasUrl) refuse('public', \`false when the kind is \${input.kind}\`);
  return hasUrl && (input.public ?? byDefault);
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
  const priority = input.priority ?? 0;
  if (priority < 0 || priority > MAX_PRIORITY) refuse('priority', \`from 0 to \${MAX_PRIORITY}\`);
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
 * Third function of both mutations, and the only place where ownership and fencing are decided.
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
      : { removed: true, actor: ctx.identity?.userArn ?? null, ttl: nowSeconds + TOMBSTONE_SECONDS };
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
    const isConflict = ctx.error.type === 'DynamoDB:ConditionalCheckFailedException';
    const what = describe(input, ctx.stash.id);
    ctx.stash.failure = isConflict
      ? { message: \`\${what} was changed by another request at the same moment\`, type: 'ConcurrentChange' }
      : { message: ctx.error.message, type: ctx.error.type };
    return null;
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
    priority: input.priority ?? 0,
    weight: input.weight ?? 100,
    public: ctx.stash.isPublic,
    owner: input.owner,
    actor: ctx.identity?.userArn ?? null,
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
  'fill-head.js': `/**
 * Third function of Query.snapshot: keeps the revision in the stage's head, provided that nobody has begun or ended a write
 * since this read began. Who comes late changes nothing, and the reader gets its answer either way.
 */
import { runtime, util } from '@aws-appsync/utils';

export function request(ctx) {
  const { found, isKnown, mayFill, epoch } = ctx.stash;
  if (!found || !isKnown || !mayFill) runtime.earlyReturn(null);
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ stage: \`\${ctx.args.stage}#head\`, key: 'head' }),
    update: {
      expression:
        'SET #revision = :revision, #publicRevision = :publicRevision, #validUntil = :validUntil, #filledAt = :filledAt, #epoch = :epoch, #removed = :removed',
      expressionNames: {
        '#revision': 'revision',
        '#publicRevision': 'publicRevision',
        '#validUntil': 'validUntil',
        '#filledAt': 'filledAt',
        '#epoch': 'epoch',
        '#removed': 'removed',
      },
      expressionValues: util.dynamodb.toMapValues({
        ':revision': found.revision,
        ':publicRevision': found.publicRevision,
        ':validUntil': found.validUntil,
        ':filledAt': util.time.nowEpochSeconds(),
        ':epoch': epoch ?? 0,
        // Resolvers from before there were heads pass over what was removed.
        ':removed': true,
      }),
    },
    condition: makeCondition(epoch),
  };
}

function makeCondition(epoch) {
  const expressionNames = { '#epoch': 'epoch' };
  if (epoch === null) return { expression: 'attribute_not_exists(#epoch)', expressionNames };
  const expressionValues = util.dynamodb.toMapValues({ ':epoch': epoch });
  return { expression: '#epoch = :epoch', expressionNames, expressionValues };
}

/** Whatever went wrong here, the next read tries again. */
export function response() {
  return null;
}
`,
  'query-stage.js': `/**
 * Second function of Query.snapshot: one page of a stage. The running sums of the records' tokens travel inside nextToken,
 * so the revision on the last page describes exactly the records that were read, in whatever order they changed meanwhile:
 * a torn read has a revision that no later read will call unchanged.
 */
import { runtime, util } from '@aws-appsync/utils';

const LIMB = 281474976710656;
/** Later than any time that can be written: nothing of the stage expires. */
const NEVER = 253402300799;

export function request(ctx) {
  if (ctx.stash.isClosed || ctx.stash.answer) runtime.earlyReturn(null);
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :stage',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':stage': ctx.args.stage }),
    },
    consistentRead: true,
    limit: 1000,
    nextToken: ctx.stash.page.next,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { stage, services, knownRevision } = ctx.args;
  const { page, isPublic, epoch } = ctx.stash;
  const nowSeconds = util.time.nowEpochSeconds();
  const visible = ctx.result.items.filter(
    (item) => !item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds),
  );
  let { a, b, publicA, publicB } = page;
  let validUntil = page.validUntil ?? NEVER;
  for (const item of visible) {
    a = (a + item.limbA) % LIMB;
    b = (b + item.limbB) % LIMB;
    if (item.public) {
      publicA = (publicA + item.limbA) % LIMB;
      publicB = (publicB + item.limbB) % LIMB;
    }
    if (item.expiresAtSeconds > 0) validUntil = Math.min(validUntil, item.expiresAtSeconds);
  }
  const next = ctx.result.nextToken;
  const revisions = { revision: \`\${a}.\${b}\`, publicRevision: \`\${publicA}.\${publicB}\` };
  const own = isPublic ? revisions.publicRevision : revisions.revision;
  const unchanged = !next && own === knownRevision;
  const seen = isPublic ? visible.filter((item) => item.public) : visible;
  const wanted = services ? seen.filter((item) => services.indexOf(item.service) >= 0) : seen;
  ctx.stash.found = next ? null : { ...revisions, validUntil };
  // Nobody may make rows for stages that were never written to.
  ctx.stash.isKnown = epoch !== null || ctx.result.items.length > 0;
  ctx.stash.answer = {
    stage,
    revision: next ? null : own,
    unchanged,
    endpoints: unchanged
      ? []
      : wanted.map((item) => ({ ...item, priority: item.priority ?? 0, public: item.public ?? false })),
    nextToken: next ? JSON.stringify({ next, a, b, publicA, publicB, epoch, validUntil }) : null,
  };
  return null;
}
`,
  'raise-epoch.js': `/**
 * First and last function of both mutations: the stage's head forgets the revision and its epoch goes up, so that no read
 * that overlaps the write can fill the head. Done for repeated requests, too: a retry repairs what a crash has left.
 */
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ stage: \`\${ctx.args.input.stage}#head\`, key: 'head' }),
    update: {
      // Resolvers from before there were heads pass over what was removed.
      expression: 'ADD #epoch :one SET #removed = :removed REMOVE #revision, #publicRevision, #validUntil, #filledAt',
      expressionNames: {
        '#epoch': 'epoch',
        '#removed': 'removed',
        '#revision': 'revision',
        '#publicRevision': 'publicRevision',
        '#validUntil': 'validUntil',
        '#filledAt': 'filledAt',
      },
      expressionValues: util.dynamodb.toMapValues({ ':one': 1, ':removed': true }),
    },
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return null;
}
`,
  'read-head.js': `/** First function of Query.snapshot: the stage's head, read consistently. Later pages go on from the first one's. */
import { runtime, util } from '@aws-appsync/utils';

/** What the head says may be wrong where a writer died between its two steps, but not for longer. */
const HEAD_SECONDS = 3600;

export function request(ctx) {
  const { isClosed, isFirst, page } = ctx.stash;
  if (isClosed) runtime.earlyReturn(null);
  if (!isFirst) {
    ctx.stash.epoch = page.epoch;
    runtime.earlyReturn(null);
  }
  return {
    operation: 'GetItem',
    key: util.dynamodb.toMapValues({ stage: \`\${ctx.args.stage}#head\`, key: 'head' }),
    consistentRead: true,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const head = ctx.result ?? {};
  const { stage, knownRevision } = ctx.args;
  const nowSeconds = util.time.nowEpochSeconds();
  ctx.stash.epoch = head.epoch ?? null;
  const revision = ctx.stash.isPublic ? head.publicRevision : head.revision;
  const age = nowSeconds - (head.filledAt ?? 0);
  const isValid = nowSeconds < (head.validUntil ?? 0) && age < HEAD_SECONDS && age > -HEAD_SECONDS;
  if (isValid && revision && revision === knownRevision) {
    ctx.stash.answer = { stage, revision, unchanged: true, endpoints: [], nextToken: null };
  }
  return head;
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
  'registry.js': `/** What this registry can do. Capabilities are added when something is added, and never removed. */
export function request() {
  return { payload: null };
}

export function response() {
  return { version: 1, capabilities: ['head', 'notices', 'priority', 'public', 'actor'] };
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
    endpoints: items
      .filter((item) => !item.removed && !(item.expiresAtSeconds > 0 && item.expiresAtSeconds <= nowSeconds))
      .map((item) => ({ ...item, priority: item.priority ?? 0, public: item.public ?? false })),
    nextToken: nextToken ?? null,
  };
}
`,
  'snapshot.js': `/**
 * Pipeline of Query.snapshot: reads the stage's head, then a page of the stage unless the head says that nothing has
 * changed, then keeps the revision in the head.
 *
 * The head is one row per stage: \`epoch\`, which every write raises before and after it, and the revision that a whole read
 * of the stage has found since. A known revision that is the head's costs one read unit however large the stage is.
 */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';
const LIMB = 281474976710656;

export function request(ctx) {
  const { stage, nextToken } = ctx.args;
  if (!util.matches(NAME, stage)) {
    util.error('stage must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  // With an API key the caller is anybody: it sees public records, of the stages that are open to it.
  const isPublic = util.authType() === 'API Key Authorization';
  const page = nextToken ? JSON.parse(nextToken) : { next: null, a: 0, b: 0, publicA: 0, publicB: 0 };
  if (!isPage(page)) util.error('nextToken is not one that this registry gave out', 'InvalidOptions');
  ctx.stash.page = page;
  ctx.stash.isPublic = isPublic;
  ctx.stash.isClosed = isPublic && !isOpen(ctx.env.OPEN_STAGES, stage);
  ctx.stash.isFirst = !nextToken;
  // A caller could have made up what is in its nextToken, so only callers who may write fill the head from several pages.
  ctx.stash.mayFill = !nextToken || util.authType() === 'IAM Authorization';
  return {};
}

export function response(ctx) {
  const { answer, isClosed } = ctx.stash;
  const { stage, knownRevision } = ctx.args;
  if (isClosed) return { stage, revision: '0.0', unchanged: knownRevision === '0.0', endpoints: [], nextToken: null };
  return answer;
}

function isOpen(open, stage) {
  return !open || open.split(',').some((part) => matchesPart(part, stage));
}

/** A name, or the beginning of one before \`*\`. */
function matchesPart(part, stage) {
  return part.endsWith('*') ? stage.startsWith(part.slice(0, part.length - 1)) : part === stage;
}

/** JSON.parse gives a blank string here when the text is not JSON. */
function isPage(page) {
  if (typeof page !== 'object' || page === null) return false;
  if (page.next !== null && typeof page.next !== 'string') return false;
  return [page.a, page.b, page.publicA, page.publicB].every(isLimb);
}

function isLimb(value) {
  return typeof value === 'number' && value >= 0 && value < LIMB && Math.floor(value) === value;
}
`,
  'stages.js': `/** One page of the stages that have an endpoint, each named once a page. Heads of stages count as removed. */
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
  'subscribe-stage.js': `/** Lets a subscription begin, unless an API key asks for a stage that is not open to it. */
import { util } from '@aws-appsync/utils';

const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

export function request(ctx) {
  const { stage } = ctx.args;
  if (!util.matches(NAME, stage)) {
    util.error('stage must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot', 'InvalidOptions');
  }
  const { OPEN_STAGES: open } = ctx.env;
  const isOpen = !open || open.split(',').some((part) => matchesPart(part, stage));
  if (util.authType() === 'API Key Authorization' && !isOpen) util.unauthorized();
  return { payload: null };
}

export function response() {
  return null;
}

/** A name, or the beginning of one before \`*\`. */
function matchesPart(part, stage) {
  return part.endsWith('*') ? stage.startsWith(part.slice(0, part.length - 1)) : part === stage;
}
`,
};

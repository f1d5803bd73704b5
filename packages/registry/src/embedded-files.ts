// Written by `npm run embed` from schema/ and resolvers/. Change those.
export const schemaText: string = `# The contract of an amplify-discovery registry, version 1.
#
# Default authorization is AWS_IAM. An API key is public, so it reads public records only. Signed-in users of a user pool
# read everything but what is for deployers: owner, token, actor and times, which need the group discovery-operators.
# Writes always take IAM.
#
# Clients and registries of different versions live side by side: a field is added, never changed or removed while a
# client may still ask for it, and what is added may be null, because resolvers are upgraded after the schema. Query.registry
# says what this registry can do.

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
  # The rules about who may change what.
  rules(nextToken: String): RulePage! @aws_iam
  # What a backup keeps: the rows of the table as they are, with what is remembered of requests, and the rules.
  rows(nextToken: String): RowPage! @aws_iam
}

type Mutation {
  # Errors: RegistrationConflict (another owner holds the key), ConcurrentChange (retry), InvalidRecord, RegistryDenied (a
  # rule does not let the caller), ServiceFrozen.
  registerEndpoint(input: RegisterEndpointInput!): EndpointChange! @aws_iam
  # Does nothing, successfully, when the record is gone, has another token or, without takeover, another owner.
  deregisterEndpoint(input: DeregisterEndpointInput!): EndpointChange! @aws_iam
  # Lets another target, or other weights, serve for a time, or ends that. The record stays its owner's.
  overrideEndpoint(input: OverrideEndpointInput!): EndpointChange! @aws_iam
  # Writes a rule, or replaces the one of its kind and name.
  setRule(input: RuleInput!): Rule! @aws_iam
  # False when there is no such rule.
  removeRule(kind: RuleKind!, name: String!): Boolean! @aws_iam
  # Puts a row of a backup back where the table has none or an older one, with its owner, token and times. With dryRun it
  # only says what it would do.
  restoreRow(row: AWSJSON!, dryRun: Boolean = false): RowRestoration! @aws_iam
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
  # What was added since version 0: head, notices, priority, public, actor, rules, override, backup.
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
  overridden
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
  # As in DNS SRV (RFC 2782): lower first, the next priority only while the one before it cannot be reached. Null counts as 0.
  priority: Int
  weight: Int!
  # May be read with an API key, and is part of the public snapshot. Null counts as false.
  public: Boolean
  # A JSON object whose values are strings.
  metadata: AWSJSON
  expiresAt: AWSDateTime
  # While the record is overridden: when that ends, and what was registered serves again.
  overriddenUntil: AWSDateTime
  owner: String @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  token: String @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  # Who wrote the record last, from the credentials of that request.
  actor: String @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  registeredAt: AWSDateTime @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  updatedAt: AWSDateTime @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
  # While another target, or something else, serves than the deployment registered.
  override: EndpointOverride @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"])
}

type EndpointOverride @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"]) {
  registered: OverriddenValues!
  until: AWSDateTime!
  reason: String!
  actor: String
}

# What the deployment registered, and what serves again when the override is over.
type OverriddenValues @aws_iam @aws_cognito_user_pools(cognito_groups: ["discovery-operators"]) {
  target: String!
  region: String
  signingService: String
  version: String
  priority: Int!
  weight: Int!
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

enum RuleKind {
  # The principals may use the verbs on the services in the stages. As soon as one scope names principals, every caller needs one.
  scope
  # Only the principals may write in the stages.
  protection
  # Nothing changes the services in the stages.
  freeze
  # New services have names that match one of services, and none of reserved.
  names
  # Registrations in the stages expire after so many seconds, unless they say when.
  previews
}

enum RuleVerb {
  register
  deregister
  takeover
  override
}

# Lists hold names and patterns, in which * stands for any text; a list that is left out stands for everything.
# A principal is the ARN of an IAM user or role; behind a registrar also a stack's ARN, or "scope:NAME".
type Rule @aws_iam {
  kind: RuleKind!
  name: String!
  principals: [String!]
  services: [String!]
  stages: [String!]
  reserved: [String!]
  verbs: [RuleVerb!]
  seconds: Int
  reason: String
  actor: String
  updatedAt: AWSDateTime
}

type RulePage @aws_iam {
  rules: [Rule!]!
  nextToken: String
}

type RowPage @aws_iam {
  rows: [AWSJSON!]!
  nextToken: String
}

enum RestoreChange {
  # The table had no such row.
  restored
  # The table had an older one.
  replaced
  # The table has a newer one, which stays.
  kept
  # The table has this one.
  unchanged
  # What the row says is over.
  expired
}

type RowRestoration @aws_iam {
  change: RestoreChange!
  # What the table had before; null where it had none.
  current: AWSJSON
}

input RuleInput {
  kind: RuleKind!
  name: String!
  principals: [String!]
  services: [String!]
  stages: [String!]
  reserved: [String!]
  verbs: [RuleVerb!]
  seconds: Int
  reason: String
}

# What serves instead of what the deployment registered; what is left out stays. Without any of it the override ends.
input OverrideEndpointInput {
  stage: String!
  service: String!
  id: String = "default"
  # Of the same kind as the record's.
  target: String
  region: String
  signingService: String
  version: String
  priority: Int
  weight: Int
  until: AWSDateTime
  reason: String
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
  # Registrars only: the scope that this deployment may write in.
  scope: String
}

input DeregisterEndpointInput {
  stage: String!
  service: String!
  id: String = "default"
  owner: String!
  # Remove a record that another owner holds, such as a stack that is gone. Needs token and reason.
  takeover: Boolean = false
  # Why it is taken over: stays in the log.
  reason: String
  # Only remove the record that still has this token.
  token: String
  requestId: String
  requestedAt: AWSDateTime
  scope: String
}
`;

export const resolverTexts: Readonly<Record<string, string>> = {
  'announce-stage.js': `import { util } from '@aws-appsync/utils';

/** \`(?![\\s\\S])\` because Java's and JavaScript's \`$\` differ before a final line break. */
const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

/** Refuses a record because of one of its fields. */
function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(\`\${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot\`, errorType);
}

/** The notice that a stage has changed. Its subscribers get what the mutation selects of it. */

const REVISION = '^[\\\\x21-\\\\x7e]{1,128}(?![\\\\s\\\\S])';

export function request(ctx) {
  const { stage, revision } = ctx.args;
  requireName('stage', stage, 'InvalidOptions');
  if (!util.matches(REVISION, revision)) util.error('revision must be one that a snapshot has', 'InvalidOptions');
  return { payload: { stage, revision } };
}

export function response(ctx) {
  return ctx.result;
}
`,
  'change-endpoint.js': `import { util } from '@aws-appsync/utils';

/** \`(?![\\s\\S])\` because Java's and JavaScript's \`$\` differ before a final line break. */
const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

/** Refuses a record because of one of its fields. */
function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(\`\${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot\`, errorType);
}

/** Tombstones, heads of stages and expired records are not there for anyone. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was \`writtenAt\` say it otherwise. */
function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

const MAX_TARGET = 2048;
const SOCKET_KINDS = ['websocket', 'events'];
/** Their targets are ARNs. */
const ARN_KINDS = ['function', 'resource'];

/**
 * What readers take for a target, and nothing that two URL parsers could read differently: plain host names, an address
 * of four numbers or one in brackets, then RFC 3986's characters without query and hash.
 */
const NUMBER = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const LAST_LABEL = '(?!0[xX][0-9A-Fa-f]*(?![A-Za-z0-9_-]))[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*';
const HOST = \`(([A-Za-z0-9_-]+\\\\.)*\${LAST_LABEL}|\${NUMBER}(\\\\.\${NUMBER}){3}|\\\\[[0-9A-Fa-f:.]+\\\\])\`;
const LOCAL_HOST = '(localhost|127\\\\.0\\\\.0\\\\.1|\\\\[::1\\\\])';
const PORT = '(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])?)?';
const PATH = "(/[A-Za-z0-9_.~:/@!$&'()*+,;=%\\\\[\\\\]-]*)?";
const ARN = '^arn:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+:[A-Za-z0-9_-]*:[0-9]*:[A-Za-z0-9_:/.$+=,@-]+(?![\\\\s\\\\S])';
const ENCODED = ['%2f', '%5c', '%2e'];

/** Refuses a target that could not be called, or that two URL parsers could read differently. */
function requireTarget(kind, target) {
  if (target.length > MAX_TARGET) refuse('target', \`at most \${MAX_TARGET} characters\`);
  if (ARN_KINDS.indexOf(kind) >= 0) {
    if (!util.matches(ARN, target)) refuse('target', \`an ARN when the kind is \${kind}\`);
    return;
  }
  const text = target.toLowerCase();
  if (ENCODED.some((part) => text.indexOf(part) >= 0))
    refuse('target', 'free of encoded slashes, backslashes and dots');
  const isSocket = SOCKET_KINDS.indexOf(kind) >= 0;
  const isSecure = isUrl(isSocket ? '(https|wss)' : 'https', HOST, target);
  if (!isSecure && !isUrl(isSocket ? '(http|ws)' : 'http', LOCAL_HOST, target)) {
    refuse(
      'target',
      'an absolute https:// URL without user info, query or hash (wss:// for websocket and events; http:// for localhost, 127.0.0.1 and [::1] only)',
    );
  }
}

function isUrl(scheme, host, target) {
  return util.matches(\`^\${scheme}://\${host}\${PORT}\${PATH}(?![\\\\s\\\\S])\`, target);
}

const VERSION = '^[0-9]+\\\\.[0-9]+\\\\.[0-9]+(-[A-Za-z0-9_.-]+)?(\\\\+[A-Za-z0-9_.-]+)?(?![\\\\s\\\\S])';
const MAX_METADATA = 4096;
const MAX_PRIORITY = 65535;

/** Refuses what a record that callers could use does not have. */
function requireRegistration(input) {
  requireTarget(input.kind, input.target);
  requireFields(input);
}

/** The same of all fields but kind and target. */
function requireFields(input) {
  const weight = input.weight ?? 100;
  if (weight < 0 || weight > 1000) refuse('weight', 'from 0 to 1000');
  const priority = input.priority ?? 0;
  if (priority < 0 || priority > MAX_PRIORITY) refuse('priority', \`from 0 to \${MAX_PRIORITY}\`);
  if (isGiven(input.tenant)) requireName('tenant', input.tenant, 'InvalidRecord');
  if (isGiven(input.region) && !util.matches('^[a-z0-9-]{1,64}(?![\\\\s\\\\S])', input.region)) {
    refuse('region', 'an AWS region such as eu-west-1');
  }
  if (isGiven(input.signingService) && !util.matches('^[a-z0-9-]{1,64}(?![\\\\s\\\\S])', input.signingService)) {
    refuse('signingService', 'the name SigV4 signs with, such as execute-api');
  }
  if (isGiven(input.version) && (input.version.length > 128 || !util.matches(VERSION, input.version))) {
    refuse('version', 'a semantic version such as 1.4.2');
  }
}

/** The metadata, which AppSync hands over already parsed. */
function requireMetadata(metadata) {
  const isObject = typeof metadata === 'object' && metadata !== null && typeof metadata.length !== 'number';
  if (!isObject || Object.values(metadata).some((value) => typeof value !== 'string')) {
    refuse('metadata', 'a JSON object whose values are strings');
  }
  if (JSON.stringify(metadata).length > MAX_METADATA) refuse('metadata', \`at most \${MAX_METADATA} characters of JSON\`);
  return metadata;
}

/**
 * Pipeline of the mutations of endpoints: checks the input, then reads the record and the rules, raises the epoch of the
 * stage's head, changes the record and raises the epoch again. Only form is judged here; who may change what is decided in change-record.js.
 *
 * Patterns end in (?![\\s\\S]) because Java's and JavaScript's \`$\` differ before a final line break.
 */

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
  ctx.stash.key = \`\${input.service}#\${id}\`;
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
  if (input.public && !hasUrl) refuse('public', \`false when the kind is \${input.kind}\`);
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
`,
  'change-record.js': `import { runtime, util } from '@aws-appsync/utils';

/** Tells whether one of the patterns is the text. \`*\` stands for any text, also none. */
function matchesAny(patterns, text) {
  return (patterns ?? []).some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern, text) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, parts.length - 1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** An API key is public: whoever sends it is anybody. */
function isAnybody() {
  return util.authType() === 'API Key Authorization';
}

/** Tells whether an API key may read the stage: \`OPEN_STAGES\` holds names and patterns, and without it every stage is open. */
function isOpen(env, stage) {
  return !env.OPEN_STAGES || matchesAny(env.OPEN_STAGES.split(','), stage);
}

/** The ARN of the caller's IAM identity. */
function findActor(ctx) {
  return ctx.identity?.userArn ?? null;
}

/**
 * Who the caller is to rules: its own ARN, and for a session of a role the role without the session, as
 * \`arn:aws:iam::111122223333:role/deploy\`.
 */
function findPrincipals(actor) {
  if (!actor) return [];
  const [, partition, service, , account, resource] = actor.split(':');
  if (service !== 'sts' || !resource || !resource.startsWith('assumed-role/')) return [actor];
  return [actor, \`arn:\${partition}:iam::\${account}:role/\${resource.split('/')[1]}\`];
}

/**
 * Tells whether the caller is a registrar, which writes in the name of the stack that CloudFormation has named. \`REGISTRARS\` holds
 * their roles; where it is not set, IAM alone decides who may write, and every writer counts as one.
 */
function isRegistrar(ctx) {
  if (!ctx.env.REGISTRARS) return true;
  const trusted = ctx.env.REGISTRARS.split(',');
  return findPrincipals(findActor(ctx)).some((principal) => matchesAny(trusted, principal));
}

/**
 * Tells whether the record is the caller's own: it holds it under the owner that the request names. A registrar is believed; of any
 * other caller the same IAM identity has to have registered it.
 */
function isHolder(ctx, held) {
  if (held.owner !== ctx.args.input.owner) return false;
  if (isRegistrar(ctx) || !held.registrant) return true;
  const principals = findPrincipals(findActor(ctx));
  return findPrincipals(held.registrant).some((name) => principals.indexOf(name) >= 0);
}

/** \`(?![\\s\\S])\` because Java's and JavaScript's \`$\` differ before a final line break. */
const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

/** Refuses a record because of one of its fields. */
function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(\`\${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot\`, errorType);
}

/** Tombstones, heads of stages and expired records are not there for anyone. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was \`writtenAt\` say it otherwise. */
function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

const MAX_TARGET = 2048;
const SOCKET_KINDS = ['websocket', 'events'];
/** Their targets are ARNs. */
const ARN_KINDS = ['function', 'resource'];

/**
 * What readers take for a target, and nothing that two URL parsers could read differently: plain host names, an address
 * of four numbers or one in brackets, then RFC 3986's characters without query and hash.
 */
const NUMBER = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const LAST_LABEL = '(?!0[xX][0-9A-Fa-f]*(?![A-Za-z0-9_-]))[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*';
const HOST = \`(([A-Za-z0-9_-]+\\\\.)*\${LAST_LABEL}|\${NUMBER}(\\\\.\${NUMBER}){3}|\\\\[[0-9A-Fa-f:.]+\\\\])\`;
const LOCAL_HOST = '(localhost|127\\\\.0\\\\.0\\\\.1|\\\\[::1\\\\])';
const PORT = '(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])?)?';
const PATH = "(/[A-Za-z0-9_.~:/@!$&'()*+,;=%\\\\[\\\\]-]*)?";
const ARN = '^arn:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+:[A-Za-z0-9_-]*:[0-9]*:[A-Za-z0-9_:/.$+=,@-]+(?![\\\\s\\\\S])';
const ENCODED = ['%2f', '%5c', '%2e'];

/** Refuses a target that could not be called, or that two URL parsers could read differently. */
function requireTarget(kind, target) {
  if (target.length > MAX_TARGET) refuse('target', \`at most \${MAX_TARGET} characters\`);
  if (ARN_KINDS.indexOf(kind) >= 0) {
    if (!util.matches(ARN, target)) refuse('target', \`an ARN when the kind is \${kind}\`);
    return;
  }
  const text = target.toLowerCase();
  if (ENCODED.some((part) => text.indexOf(part) >= 0))
    refuse('target', 'free of encoded slashes, backslashes and dots');
  const isSocket = SOCKET_KINDS.indexOf(kind) >= 0;
  const isSecure = isUrl(isSocket ? '(https|wss)' : 'https', HOST, target);
  if (!isSecure && !isUrl(isSocket ? '(http|ws)' : 'http', LOCAL_HOST, target)) {
    refuse(
      'target',
      'an absolute https:// URL without user info, query or hash (wss:// for websocket and events; http:// for localhost, 127.0.0.1 and [::1] only)',
    );
  }
}

function isUrl(scheme, host, target) {
  return util.matches(\`^\${scheme}://\${host}\${PORT}\${PATH}(?![\\\\s\\\\S])\`, target);
}

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
  item.token = \`\${limbA}.\${limbB}\`;
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
      ? { message: \`\${what} was changed by another request at the same moment\`, type: 'ConcurrentChange' }
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
    if (!held) util.error(\`\${what} is not registered, so there is nothing to override\`, 'InvalidRecord');
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
    util.error(\`\${what}: only a registrar writes for a stack, and \${actor} is not one\`, 'RegistryDenied');
  }
  if (!held || held.owner !== input.owner || input.takeover || isHolder(ctx, held)) return;
  util.error(
    \`\${what} was registered by \${held.registrant}; \${actor} may not change it without takeover\`,
    'RegistryDenied',
  );
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
  return \`"\${input.service}" (id "\${id}") in stage "\${input.stage}"\`;
}
`,
  'check-rules.js': `import { util } from '@aws-appsync/utils';

/** Tells whether one of the patterns is the text. \`*\` stands for any text, also none. */
function matchesAny(patterns, text) {
  return (patterns ?? []).some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern, text) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, parts.length - 1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** An API key is public: whoever sends it is anybody. */
function isAnybody() {
  return util.authType() === 'API Key Authorization';
}

/** Tells whether an API key may read the stage: \`OPEN_STAGES\` holds names and patterns, and without it every stage is open. */
function isOpen(env, stage) {
  return !env.OPEN_STAGES || matchesAny(env.OPEN_STAGES.split(','), stage);
}

/** The ARN of the caller's IAM identity. */
function findActor(ctx) {
  return ctx.identity?.userArn ?? null;
}

/**
 * Who the caller is to rules: its own ARN, and for a session of a role the role without the session, as
 * \`arn:aws:iam::111122223333:role/deploy\`.
 */
function findPrincipals(actor) {
  if (!actor) return [];
  const [, partition, service, , account, resource] = actor.split(':');
  if (service !== 'sts' || !resource || !resource.startsWith('assumed-role/')) return [actor];
  return [actor, \`arn:\${partition}:iam::\${account}:role/\${resource.split('/')[1]}\`];
}

/**
 * Tells whether the caller is a registrar, which writes in the name of the stack that CloudFormation has named. \`REGISTRARS\` holds
 * their roles; where it is not set, IAM alone decides who may write, and every writer counts as one.
 */
function isRegistrar(ctx) {
  if (!ctx.env.REGISTRARS) return true;
  const trusted = ctx.env.REGISTRARS.split(',');
  return findPrincipals(findActor(ctx)).some((principal) => matchesAny(trusted, principal));
}

/**
 * Tells whether the record is the caller's own: it holds it under the owner that the request names. A registrar is believed; of any
 * other caller the same IAM identity has to have registered it.
 */
function isHolder(ctx, held) {
  if (held.owner !== ctx.args.input.owner) return false;
  if (isRegistrar(ctx) || !held.registrant) return true;
  const principals = findPrincipals(findActor(ctx));
  return findPrincipals(held.registrant).some((name) => principals.indexOf(name) >= 0);
}

/** Tombstones, heads of stages and expired records are not there for anyone. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was \`writtenAt\` say it otherwise. */
function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

/**
 * Second function of the mutations of endpoints: who may change what. The rules are rows of one small partition, so that
 * changing one changes no deployed stack. What a record itself says about its owner is decided in change-record.js.
 */

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
  const what = \`"\${service}" in stage "\${stage}"\`;

  const freeze = rules.find((rule) => rule.kind === 'freeze' && covers(rule, stage, service));
  if (freeze && verb !== 'override') {
    const message = \`\${what} is frozen by "\${freeze.name}": \${freeze.reason ?? 'no reason is given'}\`;
    return { message, type: 'ServiceFrozen' };
  }
  if (scope && !registrar) return deny(\`Only a registrar names a scope; this caller is \${principals[0]}\`);

  // A registrar writes for the stack that CloudFormation has named, so rules may name stacks and scopes as well.
  // An override names no owner.
  const behind = owner ? [owner, \`scope:\${scope ?? ''}\`] : [];
  const known = registrar ? principals.concat(behind) : principals;
  const protections = rules.filter((rule) => rule.kind === 'protection' && matchesAny(rule.stages, stage));
  if (protections.length > 0 && !protections.some((rule) => known.some((name) => matchesAny(rule.principals, name)))) {
    return deny(\`Stage "\${stage}" is protected by "\${protections[0].name}": \${known.join(', ')} may not write there\`);
  }

  const scopes = rules.filter((rule) => rule.kind === 'scope');
  const isLimited = registrar ? !!scope : scopes.some((rule) => (rule.principals ?? []).length > 0);
  const own = scopes.filter((rule) =>
    registrar ? rule.name === scope : principals.some((name) => matchesAny(rule.principals, name)),
  );
  if (!isLimited || own.some((rule) => covers(rule, stage, service) && (rule.verbs ?? []).indexOf(verb) >= 0)) {
    return null;
  }
  if (!registrar) return deny(\`No scope of \${principals[0]} lets it \${verb} \${what}\`);
  return deny(
    own.length > 0
      ? \`Scope "\${scope}" does not let it \${verb} \${what}\`
      : \`There is no scope "\${scope}" to \${verb} \${what}\`,
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
      util.error(\`The name "\${service}" is reserved by "\${rule.name}"\`, 'InvalidRecord');
    }
    if (rule.services && !matchesAny(rule.services, service)) {
      util.error(\`A service must be named \${rule.services.join(' or ')}: "\${service}" is not\`, 'InvalidRecord');
    }
  }
}
`,
  'fill-head.js': `import { runtime, util } from '@aws-appsync/utils';

/**
 * Third function of Query.snapshot: keeps the revision in the stage's head, provided that nobody has begun or ended a write
 * since this read began. A late fill changes nothing, and the reader gets its answer either way.
 */

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
  'put-row.js': `import { runtime, util } from '@aws-appsync/utils';

/** Tells whether one of the patterns is the text. \`*\` stands for any text, also none. */
function matchesAny(patterns, text) {
  return (patterns ?? []).some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern, text) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, parts.length - 1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** An API key is public: whoever sends it is anybody. */
function isAnybody() {
  return util.authType() === 'API Key Authorization';
}

/** Tells whether an API key may read the stage: \`OPEN_STAGES\` holds names and patterns, and without it every stage is open. */
function isOpen(env, stage) {
  return !env.OPEN_STAGES || matchesAny(env.OPEN_STAGES.split(','), stage);
}

/** The ARN of the caller's IAM identity. */
function findActor(ctx) {
  return ctx.identity?.userArn ?? null;
}

/**
 * Who the caller is to rules: its own ARN, and for a session of a role the role without the session, as
 * \`arn:aws:iam::111122223333:role/deploy\`.
 */
function findPrincipals(actor) {
  if (!actor) return [];
  const [, partition, service, , account, resource] = actor.split(':');
  if (service !== 'sts' || !resource || !resource.startsWith('assumed-role/')) return [actor];
  return [actor, \`arn:\${partition}:iam::\${account}:role/\${resource.split('/')[1]}\`];
}

/**
 * Tells whether the caller is a registrar, which writes in the name of the stack that CloudFormation has named. \`REGISTRARS\` holds
 * their roles; where it is not set, IAM alone decides who may write, and every writer counts as one.
 */
function isRegistrar(ctx) {
  if (!ctx.env.REGISTRARS) return true;
  const trusted = ctx.env.REGISTRARS.split(',');
  return findPrincipals(findActor(ctx)).some((principal) => matchesAny(trusted, principal));
}

/**
 * Tells whether the record is the caller's own: it holds it under the owner that the request names. A registrar is believed; of any
 * other caller the same IAM identity has to have registered it.
 */
function isHolder(ctx, held) {
  if (held.owner !== ctx.args.input.owner) return false;
  if (isRegistrar(ctx) || !held.registrant) return true;
  const principals = findPrincipals(findActor(ctx));
  return findPrincipals(held.registrant).some((name) => principals.indexOf(name) >= 0);
}

/** Tombstones, heads of stages and expired records are not there for anyone. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was \`writtenAt\` say it otherwise. */
function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

/**
 * Third function of Mutation.restoreRow, and the only place where it is decided what a backup may replace: a row is put back
 * where the table has none, or an older one. What was written since the backup stays, a removal too for the day that it is
 * remembered. Owner, token and times stay those of the row; who restored it is kept beside them.
 */

export function request(ctx) {
  const { row, dryRun } = ctx.args;
  const { record } = ctx.stash;
  const change = planChange(row, record);
  ctx.stash.change = change;
  if (dryRun || (change !== 'restored' && change !== 'replaced')) runtime.earlyReturn(null);
  const { stage, key, ...item } = row;
  item.restoredBy = { actor: findActor(ctx), at: util.time.nowISO8601() };
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage, key }),
    attributeValues: util.dynamodb.toMapValues(item),
    condition: isRule(row) ? makeSameTimeCondition(record) : makeUntouchedCondition(record),
  };
}

export function response(ctx) {
  if (!ctx.error) return null;
  const { stage, key } = ctx.args.row;
  const isConflict = ctx.error.type === 'DynamoDB:ConditionalCheckFailedException';
  ctx.stash.failure = isConflict
    ? { message: \`"\${key}" in "\${stage}" was changed by another request at the same moment\`, type: 'ConcurrentChange' }
    : { message: ctx.error.message, type: ctx.error.type };
  return null;
}

function planChange(row, record) {
  if (row.ttl && row.ttl <= util.time.nowEpochSeconds()) return 'expired';
  if (!record) return 'restored';
  const isSame = isRule(row) ? findWrittenAt(row) === findWrittenAt(record) : row.token === record.token;
  if (isSame) return 'unchanged';
  return findWrittenAt(row) > findWrittenAt(record) ? 'replaced' : 'kept';
}

/** A rule has no token: its time says whether it is still the one that was read. */
function makeSameTimeCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const expressionNames = { '#writtenAt': 'writtenAt' };
  const { writtenAt } = record;
  if (writtenAt === undefined) return { expression: 'attribute_not_exists(#writtenAt)', expressionNames };
  const expressionValues = util.dynamodb.toMapValues({ ':writtenAt': writtenAt });
  return { expression: '#writtenAt = :writtenAt', expressionNames, expressionValues };
}
`,
  'query-stage.js': `import { runtime, util } from '@aws-appsync/utils';

/** Tombstones, heads of stages and expired records are not there for anyone. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was \`writtenAt\` say it otherwise. */
function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

/**
 * Second function of Query.snapshot: one page of a stage. The running sums of the records' tokens travel inside nextToken,
 * so the revision on the last page describes exactly the records that were read, in whatever order they changed meanwhile:
 * a torn read has a revision that no later read will call unchanged.
 */

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
  const visible = ctx.result.items.filter((item) => isVisible(item, nowSeconds));
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
    // What an override that has begun hides, and one that has ended shows again, are two states of one token.
    const overriddenUntil = item.override ? item.override.untilSeconds : 0;
    if (overriddenUntil > nowSeconds) {
      validUntil = Math.min(validUntil, overriddenUntil);
      a = (a + 1) % LIMB;
      if (item.public) publicA = (publicA + 1) % LIMB;
    }
  }
  const next = ctx.result.nextToken;
  const revisions = { revision: \`\${a}.\${b}\`, publicRevision: \`\${publicA}.\${publicB}\` };
  const own = isPublic ? revisions.publicRevision : revisions.revision;
  const unchanged = !next && own === knownRevision;
  const seen = isPublic ? visible.filter((item) => item.public) : visible;
  const wanted = services ? seen.filter((item) => services.indexOf(item.service) >= 0) : seen;
  ctx.stash.found = next ? null : { ...revisions, validUntil };
  // Reading must not create rows for stages that were never written to.
  ctx.stash.isKnown = epoch !== null || ctx.result.items.length > 0;
  ctx.stash.answer = {
    stage,
    revision: next ? null : own,
    unchanged,
    endpoints: unchanged ? [] : wanted.map((item) => presentRecord(item, nowSeconds)),
    nextToken: next ? JSON.stringify({ next, a, b, publicA, publicB, epoch, validUntil }) : null,
  };
  return null;
}
`,
  'raise-epoch.js': `import { runtime, util } from '@aws-appsync/utils';

/**
 * Before and after the change of a record: the stage's head forgets the revision and its epoch goes up, so that no read
 * that overlaps the write can fill the head. Done for repeated requests, too: a retry repairs what a crash has left.
 */

export function request(ctx) {
  if (ctx.stash.hasNoHead) runtime.earlyReturn(null);
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ stage: \`\${findStage(ctx)}#head\`, key: 'head' }),
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

/** Before restorations a pipeline did not say its stage otherwise, and resolvers are upgraded one by one. */
function findStage({ args, stash }) {
  return stash.stage ?? args.input.stage;
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return null;
}
`,
  'read-head.js': `import { runtime, util } from '@aws-appsync/utils';

/** First function of Query.snapshot: the stage's head, read consistently. Later pages go on from the first one's. */

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
  'read-record.js': `import { util } from '@aws-appsync/utils';

/** First function of mutations: the record that holds the key now, read consistently. */

export function request(ctx) {
  return {
    operation: 'GetItem',
    key: util.dynamodb.toMapValues({ stage: findStage(ctx), key: ctx.stash.key }),
    consistentRead: true,
  };
}

/** Before restorations a pipeline did not say its stage otherwise, and resolvers are upgraded one by one. */
function findStage({ args, stash }) {
  return stash.stage ?? args.input.stage;
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
  return {
    version: 1,
    capabilities: ['head', 'notices', 'priority', 'public', 'actor', 'rules', 'override', 'backup'],
  };
}
`,
  'remove-rule.js': `import { util } from '@aws-appsync/utils';

/** Tells whether one of the patterns is the text. \`*\` stands for any text, also none. */
function matchesAny(patterns, text) {
  return (patterns ?? []).some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern, text) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, parts.length - 1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** An API key is public: whoever sends it is anybody. */
function isAnybody() {
  return util.authType() === 'API Key Authorization';
}

/** Tells whether an API key may read the stage: \`OPEN_STAGES\` holds names and patterns, and without it every stage is open. */
function isOpen(env, stage) {
  return !env.OPEN_STAGES || matchesAny(env.OPEN_STAGES.split(','), stage);
}

/** The ARN of the caller's IAM identity. */
function findActor(ctx) {
  return ctx.identity?.userArn ?? null;
}

/**
 * Who the caller is to rules: its own ARN, and for a session of a role the role without the session, as
 * \`arn:aws:iam::111122223333:role/deploy\`.
 */
function findPrincipals(actor) {
  if (!actor) return [];
  const [, partition, service, , account, resource] = actor.split(':');
  if (service !== 'sts' || !resource || !resource.startsWith('assumed-role/')) return [actor];
  return [actor, \`arn:\${partition}:iam::\${account}:role/\${resource.split('/')[1]}\`];
}

/**
 * Tells whether the caller is a registrar, which writes in the name of the stack that CloudFormation has named. \`REGISTRARS\` holds
 * their roles; where it is not set, IAM alone decides who may write, and every writer counts as one.
 */
function isRegistrar(ctx) {
  if (!ctx.env.REGISTRARS) return true;
  const trusted = ctx.env.REGISTRARS.split(',');
  return findPrincipals(findActor(ctx)).some((principal) => matchesAny(trusted, principal));
}

/**
 * Tells whether the record is the caller's own: it holds it under the owner that the request names. A registrar is believed; of any
 * other caller the same IAM identity has to have registered it.
 */
function isHolder(ctx, held) {
  if (held.owner !== ctx.args.input.owner) return false;
  if (isRegistrar(ctx) || !held.registrant) return true;
  const principals = findPrincipals(findActor(ctx));
  return findPrincipals(held.registrant).some((name) => principals.indexOf(name) >= 0);
}

/** Takes a rule away. Its row stays for a day, with who did it, so that the log of changes can tell. */

const TOMBSTONE_SECONDS = 86400;

export function request(ctx) {
  const { kind, name } = ctx.args;
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage: '#rules', key: \`\${kind}#\${name}\` }),
    attributeValues: util.dynamodb.toMapValues({
      removed: true,
      actor: findActor(ctx),
      ttl: util.time.nowEpochSeconds() + TOMBSTONE_SECONDS,
      writtenAt: util.time.nowEpochMilliSeconds(),
    }),
    condition: { expression: 'attribute_exists(#rule)', expressionNames: { '#rule': 'rule' } },
  };
}

export function response(ctx) {
  if (ctx.error && ctx.error.type === 'DynamoDB:ConditionalCheckFailedException') return false;
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return true;
}
`,
  'restore-row.js': `import { util } from '@aws-appsync/utils';

/** Tombstones, heads of stages and expired records are not there for anyone. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was \`writtenAt\` say it otherwise. */
function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

/** \`(?![\\s\\S])\` because Java's and JavaScript's \`$\` differ before a final line break. */
const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

/** Refuses a record because of one of its fields. */
function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(\`\${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot\`, errorType);
}

const MAX_TARGET = 2048;
const SOCKET_KINDS = ['websocket', 'events'];
/** Their targets are ARNs. */
const ARN_KINDS = ['function', 'resource'];

/**
 * What readers take for a target, and nothing that two URL parsers could read differently: plain host names, an address
 * of four numbers or one in brackets, then RFC 3986's characters without query and hash.
 */
const NUMBER = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const LAST_LABEL = '(?!0[xX][0-9A-Fa-f]*(?![A-Za-z0-9_-]))[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*';
const HOST = \`(([A-Za-z0-9_-]+\\\\.)*\${LAST_LABEL}|\${NUMBER}(\\\\.\${NUMBER}){3}|\\\\[[0-9A-Fa-f:.]+\\\\])\`;
const LOCAL_HOST = '(localhost|127\\\\.0\\\\.0\\\\.1|\\\\[::1\\\\])';
const PORT = '(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])?)?';
const PATH = "(/[A-Za-z0-9_.~:/@!$&'()*+,;=%\\\\[\\\\]-]*)?";
const ARN = '^arn:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+:[A-Za-z0-9_-]*:[0-9]*:[A-Za-z0-9_:/.$+=,@-]+(?![\\\\s\\\\S])';
const ENCODED = ['%2f', '%5c', '%2e'];

/** Refuses a target that could not be called, or that two URL parsers could read differently. */
function requireTarget(kind, target) {
  if (target.length > MAX_TARGET) refuse('target', \`at most \${MAX_TARGET} characters\`);
  if (ARN_KINDS.indexOf(kind) >= 0) {
    if (!util.matches(ARN, target)) refuse('target', \`an ARN when the kind is \${kind}\`);
    return;
  }
  const text = target.toLowerCase();
  if (ENCODED.some((part) => text.indexOf(part) >= 0))
    refuse('target', 'free of encoded slashes, backslashes and dots');
  const isSocket = SOCKET_KINDS.indexOf(kind) >= 0;
  const isSecure = isUrl(isSocket ? '(https|wss)' : 'https', HOST, target);
  if (!isSecure && !isUrl(isSocket ? '(http|ws)' : 'http', LOCAL_HOST, target)) {
    refuse(
      'target',
      'an absolute https:// URL without user info, query or hash (wss:// for websocket and events; http:// for localhost, 127.0.0.1 and [::1] only)',
    );
  }
}

function isUrl(scheme, host, target) {
  return util.matches(\`^\${scheme}://\${host}\${PORT}\${PATH}(?![\\\\s\\\\S])\`, target);
}

const VERSION = '^[0-9]+\\\\.[0-9]+\\\\.[0-9]+(-[A-Za-z0-9_.-]+)?(\\\\+[A-Za-z0-9_.-]+)?(?![\\\\s\\\\S])';
const MAX_METADATA = 4096;
const MAX_PRIORITY = 65535;

/** Refuses what a record that callers could use does not have. */
function requireRegistration(input) {
  requireTarget(input.kind, input.target);
  requireFields(input);
}

/** The same of all fields but kind and target. */
function requireFields(input) {
  const weight = input.weight ?? 100;
  if (weight < 0 || weight > 1000) refuse('weight', 'from 0 to 1000');
  const priority = input.priority ?? 0;
  if (priority < 0 || priority > MAX_PRIORITY) refuse('priority', \`from 0 to \${MAX_PRIORITY}\`);
  if (isGiven(input.tenant)) requireName('tenant', input.tenant, 'InvalidRecord');
  if (isGiven(input.region) && !util.matches('^[a-z0-9-]{1,64}(?![\\\\s\\\\S])', input.region)) {
    refuse('region', 'an AWS region such as eu-west-1');
  }
  if (isGiven(input.signingService) && !util.matches('^[a-z0-9-]{1,64}(?![\\\\s\\\\S])', input.signingService)) {
    refuse('signingService', 'the name SigV4 signs with, such as execute-api');
  }
  if (isGiven(input.version) && (input.version.length > 128 || !util.matches(VERSION, input.version))) {
    refuse('version', 'a semantic version such as 1.4.2');
  }
}

/** The metadata, which AppSync hands over already parsed. */
function requireMetadata(metadata) {
  const isObject = typeof metadata === 'object' && metadata !== null && typeof metadata.length !== 'number';
  if (!isObject || Object.values(metadata).some((value) => typeof value !== 'string')) {
    refuse('metadata', 'a JSON object whose values are strings');
  }
  if (JSON.stringify(metadata).length > MAX_METADATA) refuse('metadata', \`at most \${MAX_METADATA} characters of JSON\`);
  return metadata;
}

const PATTERN = '^[\\\\x21-\\\\x7e]{1,256}(?![\\\\s\\\\S])';
const LISTS = ['principals', 'services', 'stages', 'reserved', 'verbs'];
/** What each kind has to say. */
const REQUIRED = {
  scope: ['verbs'],
  protection: ['stages', 'principals'],
  freeze: ['reason'],
  names: [],
  previews: ['stages', 'seconds'],
};

/** The rule that an input describes, refused where it says too little or anything malformed. */
function makeRule(input) {
  requireName('name', input.name, 'InvalidOptions');
  for (const field of REQUIRED[input.kind]) {
    if (!input[field]) util.error(\`\${field} is missing: a rule of kind \${input.kind} needs it\`, 'InvalidOptions');
  }
  const rule = { kind: input.kind, name: input.name };
  for (const field of LISTS) {
    const values = input[field];
    if (values) {
      if (values.length > 100 || values.some((value) => !util.matches(PATTERN, value))) {
        util.error(\`\${field} must be at most 100 names or patterns of 1 to 256 characters\`, 'InvalidOptions');
      }
      rule[field] = values;
    }
  }
  if (input.reason) rule.reason = input.reason.slice(0, 1000);
  if (input.seconds) {
    if (input.seconds < 3600) util.error('seconds must be an hour, 3600, or more', 'InvalidOptions');
    rule.seconds = input.seconds;
  }
  return rule;
}

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

const ISO_TIME = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(Z|[+-][0-9:]{5,8})(?![\\\\s\\\\S])';

/** Refuses what is not a row that this registry could have written: it would spoil what readers get of its stage. */
function requireRow(row) {
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
    if (!form) refuse('row', \`without "\${name}", which this registry does not know: upgrade it first\`);
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
  if (!isLimb(limbA) || !isLimb(limbB) || token !== \`\${limbA}.\${limbB}\`) {
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
  if (key !== \`\${service}#\${id}\`) refuse('key', \`"\${service}#\${id}" for this service and id in stage "\${stage}"\`);
  if (KINDS.indexOf(kind) < 0) refuse('kind', KINDS.join(', '));
  if (isGiven(authMode) && AUTH_MODES.indexOf(authMode) < 0) refuse('authMode', AUTH_MODES.join(', '));
  requireLength('owner', owner, 1024);
  requireRegistration(row);
  if (!isGiven(row.weight)) refuse('weight', 'given');
  if (isGiven(row.metadata)) requireMetadata(row.metadata);
  if (row.public && ARN_KINDS.indexOf(kind) >= 0) refuse('public', \`false when the kind is \${kind}\`);
  if (isGiven(row.expiresAt) !== isGiven(row.expiresAtSeconds)) refuse('expiresAt', 'given with expiresAtSeconds');
  if (isGiven(row.expiresAt) && !isGiven(row.ttl)) refuse('ttl', 'given for a record that expires');
  if (!isGiven(override)) return;
  const { until, untilSeconds, reason, actor, ...values } = override;
  const unknown = Object.keys(values).find((field) => OVERRIDABLE.indexOf(field) < 0);
  if (unknown) refuse('override', \`without "\${unknown}", which this registry does not know: upgrade it first\`);
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
  if (!isText(name) || key !== \`\${kind}#\${name}\`) refuse('key', \`"\${kind}#\${name}" for this rule\`);
  if (!isTime(updatedAt)) refuse('rule.updatedAt', 'an ISO 8601 time');
  if (isGiven(actor) && !isText(actor)) refuse('rule.actor', 'text');
  if (isGiven(seconds) && !isCount(seconds)) refuse('rule.seconds', 'a whole number');
  if (isGiven(reason) && !isText(reason)) refuse('rule.reason', 'text');
  for (const [field, values] of Object.entries(lists)) {
    if (!isList(values) || values.some((value) => !isText(value))) refuse(\`rule.\${field}\`, 'a list of texts');
  }
  const made = makeRule({ kind, name, seconds, reason, ...lists });
  const unknown = Object.keys(lists).find((field) => !isGiven(made[field]));
  if (unknown) refuse('rule', \`without "\${unknown}", which this registry does not know: upgrade it first\`);
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

/**
 * Pipeline of Mutation.restoreRow: checks the form of a backup's row, then puts it back in put-row.js between the two steps
 * of every other write, so that no reader is told that nothing has changed. Rules of the registry don't limit it: they are
 * restored by it themselves, and who may call it is for IAM to say.
 */

export function request(ctx) {
  const { row, dryRun } = ctx.args;
  requireRow(row);
  ctx.stash.stage = row.stage;
  ctx.stash.key = row.key;
  // Rules have no head, and looking changes nothing.
  ctx.stash.hasNoHead = dryRun || isRule(row);
  return {};
}

export function response(ctx) {
  const { change, record, failure } = ctx.stash;
  if (failure) util.error(failure.message, failure.type);
  return { change, current: record ?? null };
}
`,
  'restoring.js': `import { util } from '@aws-appsync/utils';

/**
 * Stands for Query.snapshot while a registry that was lost is restored: a stage that is half there would be taken for the
 * whole. Readers go on with what they have, and publishers with what they have published.
 */

export function request(ctx) {
  util.error(\`Stage "\${ctx.args.stage}" can't be read yet: this registry is being restored\`, 'RegistryUnavailable');
}

export function response() {
  return null;
}
`,
  'rows.js': `import { util } from '@aws-appsync/utils';

/**
 * One page of the table as it is, for a backup: records with what is remembered of them, removed ones for the day that they
 * stay, and rules. Heads of stages are left out, since reads find them anew.
 */

export function request(ctx) {
  return { operation: 'Scan', consistentRead: true, limit: 1000, nextToken: ctx.args.nextToken ?? null };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  return { rows: items.filter(({ stage }) => !stage.endsWith('#head')), nextToken: nextToken ?? null };
}
`,
  'rules.js': `import { util } from '@aws-appsync/utils';

/** One page of the rules. */

export function request(ctx) {
  return {
    operation: 'Query',
    query: {
      expression: '#stage = :rules',
      expressionNames: { '#stage': 'stage' },
      expressionValues: util.dynamodb.toMapValues({ ':rules': '#rules' }),
    },
    consistentRead: true,
    limit: 1000,
    nextToken: ctx.args.nextToken ?? null,
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { items, nextToken } = ctx.result;
  return { rules: items.map((item) => item.rule).filter((rule) => rule), nextToken: nextToken ?? null };
}
`,
  'service.js': `import { util } from '@aws-appsync/utils';

/** \`(?![\\s\\S])\` because Java's and JavaScript's \`$\` differ before a final line break. */
const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

/** Refuses a record because of one of its fields. */
function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(\`\${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot\`, errorType);
}

/** Tombstones, heads of stages and expired records are not there for anyone. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was \`writtenAt\` say it otherwise. */
function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

/** One page of the endpoints of a service, in all stages. The index lags a write by moments. */

export function request(ctx) {
  const { name, nextToken } = ctx.args;
  requireName('name', name, 'InvalidOptions');
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
    endpoints: items.filter((item) => isVisible(item, nowSeconds)).map((item) => presentRecord(item, nowSeconds)),
    nextToken: nextToken ?? null,
  };
}
`,
  'set-rule.js': `import { util } from '@aws-appsync/utils';

/** Tells whether one of the patterns is the text. \`*\` stands for any text, also none. */
function matchesAny(patterns, text) {
  return (patterns ?? []).some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern, text) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, parts.length - 1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** An API key is public: whoever sends it is anybody. */
function isAnybody() {
  return util.authType() === 'API Key Authorization';
}

/** Tells whether an API key may read the stage: \`OPEN_STAGES\` holds names and patterns, and without it every stage is open. */
function isOpen(env, stage) {
  return !env.OPEN_STAGES || matchesAny(env.OPEN_STAGES.split(','), stage);
}

/** The ARN of the caller's IAM identity. */
function findActor(ctx) {
  return ctx.identity?.userArn ?? null;
}

/**
 * Who the caller is to rules: its own ARN, and for a session of a role the role without the session, as
 * \`arn:aws:iam::111122223333:role/deploy\`.
 */
function findPrincipals(actor) {
  if (!actor) return [];
  const [, partition, service, , account, resource] = actor.split(':');
  if (service !== 'sts' || !resource || !resource.startsWith('assumed-role/')) return [actor];
  return [actor, \`arn:\${partition}:iam::\${account}:role/\${resource.split('/')[1]}\`];
}

/**
 * Tells whether the caller is a registrar, which writes in the name of the stack that CloudFormation has named. \`REGISTRARS\` holds
 * their roles; where it is not set, IAM alone decides who may write, and every writer counts as one.
 */
function isRegistrar(ctx) {
  if (!ctx.env.REGISTRARS) return true;
  const trusted = ctx.env.REGISTRARS.split(',');
  return findPrincipals(findActor(ctx)).some((principal) => matchesAny(trusted, principal));
}

/**
 * Tells whether the record is the caller's own: it holds it under the owner that the request names. A registrar is believed; of any
 * other caller the same IAM identity has to have registered it.
 */
function isHolder(ctx, held) {
  if (held.owner !== ctx.args.input.owner) return false;
  if (isRegistrar(ctx) || !held.registrant) return true;
  const principals = findPrincipals(findActor(ctx));
  return findPrincipals(held.registrant).some((name) => principals.indexOf(name) >= 0);
}

/** \`(?![\\s\\S])\` because Java's and JavaScript's \`$\` differ before a final line break. */
const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

/** Refuses a record because of one of its fields. */
function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(\`\${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot\`, errorType);
}

const PATTERN = '^[\\\\x21-\\\\x7e]{1,256}(?![\\\\s\\\\S])';
const LISTS = ['principals', 'services', 'stages', 'reserved', 'verbs'];
/** What each kind has to say. */
const REQUIRED = {
  scope: ['verbs'],
  protection: ['stages', 'principals'],
  freeze: ['reason'],
  names: [],
  previews: ['stages', 'seconds'],
};

/** The rule that an input describes, refused where it says too little or anything malformed. */
function makeRule(input) {
  requireName('name', input.name, 'InvalidOptions');
  for (const field of REQUIRED[input.kind]) {
    if (!input[field]) util.error(\`\${field} is missing: a rule of kind \${input.kind} needs it\`, 'InvalidOptions');
  }
  const rule = { kind: input.kind, name: input.name };
  for (const field of LISTS) {
    const values = input[field];
    if (values) {
      if (values.length > 100 || values.some((value) => !util.matches(PATTERN, value))) {
        util.error(\`\${field} must be at most 100 names or patterns of 1 to 256 characters\`, 'InvalidOptions');
      }
      rule[field] = values;
    }
  }
  if (input.reason) rule.reason = input.reason.slice(0, 1000);
  if (input.seconds) {
    if (input.seconds < 3600) util.error('seconds must be an hour, 3600, or more', 'InvalidOptions');
    rule.seconds = input.seconds;
  }
  return rule;
}

/** Writes a rule about who may change what. Who may do that is for IAM to say: it is a field of its own. */

export function request(ctx) {
  const actor = findActor(ctx);
  const rule = { ...makeRule(ctx.args.input), actor, updatedAt: util.time.nowISO8601() };
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ stage: '#rules', key: \`\${rule.kind}#\${rule.name}\` }),
    // Resolvers from before there were rules pass over what was removed.
    attributeValues: util.dynamodb.toMapValues({
      rule,
      removed: true,
      actor,
      writtenAt: util.time.nowEpochMilliSeconds(),
    }),
  };
}

export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  return ctx.result.rule;
}
`,
  'snapshot.js': `import { util } from '@aws-appsync/utils';

/** Tells whether one of the patterns is the text. \`*\` stands for any text, also none. */
function matchesAny(patterns, text) {
  return (patterns ?? []).some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern, text) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, parts.length - 1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** An API key is public: whoever sends it is anybody. */
function isAnybody() {
  return util.authType() === 'API Key Authorization';
}

/** Tells whether an API key may read the stage: \`OPEN_STAGES\` holds names and patterns, and without it every stage is open. */
function isOpen(env, stage) {
  return !env.OPEN_STAGES || matchesAny(env.OPEN_STAGES.split(','), stage);
}

/** The ARN of the caller's IAM identity. */
function findActor(ctx) {
  return ctx.identity?.userArn ?? null;
}

/**
 * Who the caller is to rules: its own ARN, and for a session of a role the role without the session, as
 * \`arn:aws:iam::111122223333:role/deploy\`.
 */
function findPrincipals(actor) {
  if (!actor) return [];
  const [, partition, service, , account, resource] = actor.split(':');
  if (service !== 'sts' || !resource || !resource.startsWith('assumed-role/')) return [actor];
  return [actor, \`arn:\${partition}:iam::\${account}:role/\${resource.split('/')[1]}\`];
}

/**
 * Tells whether the caller is a registrar, which writes in the name of the stack that CloudFormation has named. \`REGISTRARS\` holds
 * their roles; where it is not set, IAM alone decides who may write, and every writer counts as one.
 */
function isRegistrar(ctx) {
  if (!ctx.env.REGISTRARS) return true;
  const trusted = ctx.env.REGISTRARS.split(',');
  return findPrincipals(findActor(ctx)).some((principal) => matchesAny(trusted, principal));
}

/**
 * Tells whether the record is the caller's own: it holds it under the owner that the request names. A registrar is believed; of any
 * other caller the same IAM identity has to have registered it.
 */
function isHolder(ctx, held) {
  if (held.owner !== ctx.args.input.owner) return false;
  if (isRegistrar(ctx) || !held.registrant) return true;
  const principals = findPrincipals(findActor(ctx));
  return findPrincipals(held.registrant).some((name) => principals.indexOf(name) >= 0);
}

/** \`(?![\\s\\S])\` because Java's and JavaScript's \`$\` differ before a final line break. */
const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

/** Refuses a record because of one of its fields. */
function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(\`\${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot\`, errorType);
}

/**
 * Pipeline of Query.snapshot: reads the stage's head, then a page of the stage unless the head says that nothing has
 * changed, then keeps the revision in the head.
 *
 * The head is one row per stage: \`epoch\`, which every write raises before and after it, and the revision that a whole read
 * of the stage has found since. A known revision that is the head's costs one read unit however large the stage is.
 */

const LIMB = 281474976710656;

export function request(ctx) {
  const { stage, nextToken } = ctx.args;
  requireName('stage', stage, 'InvalidOptions');
  const isPublic = isAnybody();
  const page = nextToken ? JSON.parse(nextToken) : { next: null, a: 0, b: 0, publicA: 0, publicB: 0 };
  if (!isPage(page)) util.error('nextToken is not one that this registry gave out', 'InvalidOptions');
  ctx.stash.page = page;
  ctx.stash.isPublic = isPublic;
  ctx.stash.isClosed = isPublic && !isOpen(ctx.env, stage);
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
  'stages.js': `import { util } from '@aws-appsync/utils';

/** Tombstones, heads of stages and expired records are not there for anyone. */
function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** What an override may say. */
const OVERRIDABLE = ['target', 'region', 'signingService', 'version', 'priority', 'weight'];

/** A record as callers see it: what older ones lack is filled in, and it is overridden for as long as that lasts. */
function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  const registered = {};
  const served = {};
  for (const field of OVERRIDABLE) {
    registered[field] = present[field] ?? null;
    served[field] = override[field] ?? registered[field];
  }
  return { ...present, ...served, overriddenUntil: until, override: { registered, until, reason, actor } };
}

/** Nobody has written since the record was read: neither the endpoint (token) nor what is remembered of it (mark). */
function makeUntouchedCondition(record) {
  if (!record) return { expression: 'attribute_not_exists(#key)', expressionNames: { '#key': 'key' } };
  const { token, mark } = record;
  const values = mark === undefined ? { ':token': token } : { ':token': token, ':mark': mark };
  return {
    expression: \`#token = :token AND \${mark === undefined ? 'attribute_not_exists(#mark)' : '#mark = :mark'}\`,
    expressionNames: { '#token': 'token', '#mark': 'mark' },
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** Rules are rows of one partition. */
function isRule(row) {
  return row.stage === '#rules';
}

/** When the row was written, in milliseconds since the epoch. Rows from before there was \`writtenAt\` say it otherwise. */
function findWrittenAt(row) {
  if (row.writtenAt) return row.writtenAt;
  const at = row.rule ? row.rule.updatedAt : row.updatedAt;
  if (at) return util.time.parseISO8601ToEpochMilliSeconds(at);
  return row.removed && row.ttl ? (row.ttl - 86400) * 1000 : 0;
}

/** One page of the stages that have an endpoint, each named once a page. Heads of stages and rules count as removed. */

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
  // Not the keys of an object: a stage may be called as a member that every object has.
  const stages = [];
  for (const item of items) {
    if (isVisible(item, nowSeconds) && stages.indexOf(item.stage) < 0) stages.push(item.stage);
  }
  return { stages: stages.sort(), nextToken: nextToken ?? null };
}
`,
  'subscribe-stage.js': `import { util } from '@aws-appsync/utils';

/** Tells whether one of the patterns is the text. \`*\` stands for any text, also none. */
function matchesAny(patterns, text) {
  return (patterns ?? []).some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern, text) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, parts.length - 1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** An API key is public: whoever sends it is anybody. */
function isAnybody() {
  return util.authType() === 'API Key Authorization';
}

/** Tells whether an API key may read the stage: \`OPEN_STAGES\` holds names and patterns, and without it every stage is open. */
function isOpen(env, stage) {
  return !env.OPEN_STAGES || matchesAny(env.OPEN_STAGES.split(','), stage);
}

/** The ARN of the caller's IAM identity. */
function findActor(ctx) {
  return ctx.identity?.userArn ?? null;
}

/**
 * Who the caller is to rules: its own ARN, and for a session of a role the role without the session, as
 * \`arn:aws:iam::111122223333:role/deploy\`.
 */
function findPrincipals(actor) {
  if (!actor) return [];
  const [, partition, service, , account, resource] = actor.split(':');
  if (service !== 'sts' || !resource || !resource.startsWith('assumed-role/')) return [actor];
  return [actor, \`arn:\${partition}:iam::\${account}:role/\${resource.split('/')[1]}\`];
}

/**
 * Tells whether the caller is a registrar, which writes in the name of the stack that CloudFormation has named. \`REGISTRARS\` holds
 * their roles; where it is not set, IAM alone decides who may write, and every writer counts as one.
 */
function isRegistrar(ctx) {
  if (!ctx.env.REGISTRARS) return true;
  const trusted = ctx.env.REGISTRARS.split(',');
  return findPrincipals(findActor(ctx)).some((principal) => matchesAny(trusted, principal));
}

/**
 * Tells whether the record is the caller's own: it holds it under the owner that the request names. A registrar is believed; of any
 * other caller the same IAM identity has to have registered it.
 */
function isHolder(ctx, held) {
  if (held.owner !== ctx.args.input.owner) return false;
  if (isRegistrar(ctx) || !held.registrant) return true;
  const principals = findPrincipals(findActor(ctx));
  return findPrincipals(held.registrant).some((name) => principals.indexOf(name) >= 0);
}

/** \`(?![\\s\\S])\` because Java's and JavaScript's \`$\` differ before a final line break. */
const NAME = '^(?!\\\\.)[A-Za-z0-9._-]{1,128}(?![\\\\s\\\\S])';

/** Refuses a record because of one of its fields. */
function refuse(field, expected) {
  util.error(\`\${field} must be \${expected}\`, 'InvalidRecord');
}

function isGiven(value) {
  return value !== undefined && value !== null;
}

function requireLength(field, value, most) {
  if (value.length < 1 || value.length > most) refuse(field, \`1 to \${most} characters\`);
}

/** Refuses what cannot name a stage, a service, an id or a tenant. */
function requireName(field, value, errorType) {
  if (util.matches(NAME, value)) return;
  util.error(\`\${field} must be 1 to 128 of A-Z a-z 0-9 . _ - and not start with a dot\`, errorType);
}

/** Lets a subscription begin, unless an API key asks for a stage that is not open to it. */

export function request(ctx) {
  const { stage } = ctx.args;
  requireName('stage', stage, 'InvalidOptions');
  if (isAnybody() && !isOpen(ctx.env, stage)) util.unauthorized();
  return { payload: null };
}

export function response() {
  return null;
}
`,
};

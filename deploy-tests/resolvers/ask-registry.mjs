const endpoint = `stage service id kind target region signingService authMode version tenant priority weight public metadata
  expiresAt`;
const registered = 'registered { target region signingService version priority weight }';
const forDeployers = `owner token actor registeredAt updatedAt override { ${registered} until reason actor }`;
const change = `stage service id change revision endpoint { ${endpoint} ${forDeployers} }`;
const rule = 'kind name principals services stages reserved verbs seconds reason actor updatedAt';

const snapshot = (fields) => `query (
  $stage: String!, $services: [String!], $knownRevision: String, $nextToken: String
) {
  snapshot(stage: $stage, services: $services, knownRevision: $knownRevision, nextToken: $nextToken) {
    stage revision unchanged nextToken endpoints { ${fields} }
  }
}`;
const mutate = (field, type, selection) => `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`;

const documents = {
  registerEndpoint: mutate('registerEndpoint', 'RegisterEndpointInput', change),
  deregisterEndpoint: mutate('deregisterEndpoint', 'DeregisterEndpointInput', change),
  overrideEndpoint: mutate('overrideEndpoint', 'OverrideEndpointInput', change),
  setRule: mutate('setRule', 'RuleInput', rule),
  removeRule: 'mutation ($kind: RuleKind!, $name: String!) { removeRule(kind: $kind, name: $name) }',
  announceStage:
    'mutation ($stage: String!, $revision: String!) { announceStage(stage: $stage, revision: $revision) { stage revision } }',
  service: `query ($name: String!) { service(name: $name) { nextToken endpoints { ${endpoint} ${forDeployers} } } }`,
  stages: '{ stages { stages nextToken } }',
  rules: `{ rules { nextToken rules { ${rule} } } }`,
  registry: '{ registry { version capabilities } }',
};

/**
 * Makes what asks one registry. It remembers the tokens and revisions that this one has answered, for the references in later
 * operations.
 *
 * @param actor the ARN under which this side knows who signs
 * @param send posts a document with its variables as `iam` or `apiKey`, and resolves to the parsed body
 */
export function createAsker({ actor, send }) {
  const tokens = new Map();
  const revisions = new Map();

  return async function ask({ field, caller, variables }) {
    const where = variables.input ?? variables;
    const key = `${where.stage}/${where.service}#${where.id ?? 'default'}`;
    const revision = `${caller} ${where.stage}`;
    const known = { actor, token: tokens.get(key) ?? null, revision: revisions.get(revision) ?? null };
    const query =
      field === 'snapshot' ? snapshot(caller === 'iam' ? `${endpoint} ${forDeployers}` : endpoint) : documents[field];
    const answer = await send(caller, query, fillIn(variables, known));
    const result = answer.data?.[field];
    if (result?.endpoint?.token) tokens.set(key, result.endpoint.token);
    if (field === 'snapshot' && result?.revision) revisions.set(revision, result.revision);
    return answer;
  };
}

function fillIn(value, known) {
  if (typeof value !== 'object' || value === null) return value;
  if (Object.hasOwn(value, 'ref')) return known[value.ref];
  if (Array.isArray(value)) return value.map((one) => fillIn(one, known));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fillIn(member, known)]));
}

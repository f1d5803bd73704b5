import fc from 'fast-check';

/** What differs from side to side is a reference: `{ ref }` stands for the caller's ARN, or for what this side answered before. */
const own = { ref: 'actor' };

const stages = ['Production', 'open-1', 'pr-7', 'constructor'];
const services = ['orders', 'user-service', '__proto__', 'a.b'];
const owners = ['arn:aws:cloudformation:us-east-1:000000000000:stack/shop/1#Orders', 'team-a', 'team-b'];

const stage = fc.constantFrom(...stages);
const service = fc.constantFrom(...services);
const badName = fc.constantFrom('', '.hidden', 'a b', 'a\n', 'é', 'x'.repeat(129), '#rules', 'Production#head');
/** Bad values are rare enough that most inputs have none. */
const rarely = (value, bad, weight = 60) => fc.oneof({ weight, arbitrary: value }, { weight: 1, arbitrary: bad });

/** Times far enough from now that both sides see them as past or as future. */
const time = fc.constantFrom(
  '2020-01-01T00:00:00Z',
  '2020-01-01T00:00:01.500Z',
  '2020-01-01T00:00:02+00:00',
  '2090-01-01T00:00:00Z',
  '2090-01-01T01:00:00.5+01:00',
  '2090-06-01T00:00:00-11:30',
);
/** AppSync takes none of them for an AWSDateTime. */
export const malformedTimes = [
  '',
  'tomorrow',
  '2090-01-01',
  '2090-01-01T00:00:00',
  '2090-02-30T00:00:00Z',
  '2090-13-01T00:00:00Z',
];
/** An AWSDateTime that Date.parse doesn't read. */
export const timeWithOffsetSeconds = '2090-01-01T00:00:00+01:00:30';
const badTime = fc.constantFrom(...malformedTimes, timeWithOffsetSeconds);

const badTarget = fc.constantFrom(
  'http://api.example.com',
  'https://user@api.example.com',
  'https://api.example.com/?q',
  'https://api.example.com/%2e%2e',
  'https://1.2.3',
  'https://api.example.com:65536',
  'ftp://api.example.com',
  `https://api.example.com/${'x'.repeat(2048)}`,
  '',
);
const arn = fc.constant('arn:aws:lambda:us-east-1:000000000000:function:job');
const url = fc.constantFrom(
  'https://abc.execute-api.us-east-1.amazonaws.com/prod',
  'https://api.example.com',
  'http://localhost:3000/x',
);
const address = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constantFrom('rest', 'http', 'graphql'), target: url }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('websocket', 'events'),
      target: fc.constantFrom('wss://socket.example.com/live', 'https://events.example.com'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('function', 'resource'), target: arn }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('rest', 'graphql', 'websocket', 'function'),
      target: fc.oneof(badTarget, url, arn),
    }),
  },
);
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const metadata = rarely(
  fc.dictionary(fc.oneof(fc.constantFrom('constructor', 'protocol', 'toString'), text), text, { maxKeys: 3 }),
  fc.constantFrom([], 'text', 7, null, { a: 1 }, { a: null }, { a: ['b'] }, { a: 'x'.repeat(4096) }),
  12,
).map((value) => JSON.stringify(value));

/** Every field that an input may leave out, left out as often as not. */
const optional = (fields) => fc.record(fields, { requiredKeys: [] });
const request = {
  requestId: rarely(
    fc.nat(200).map((number) => `request-${number}`),
    fc.constantFrom('', 'x'.repeat(129)),
  ),
  requestedAt: rarely(fc.constant(null), time, 5),
  token: rarely(fc.constantFrom({ ref: 'token' }, null), fc.constantFrom('1.2', ''), 30),
  scope: rarely(fc.constantFrom('', null), fc.constantFrom('deploy', 'unknown'), 9),
};
const key = { stage: rarely(stage, badName), service: rarely(service, badName) };
const id = fc.constantFrom('default', 'default', 'canary', null);

const registration = fc
  .tuple(
    fc.record({
      ...key,
      owner: rarely(fc.constantFrom(...owners), fc.constantFrom('', 'x'.repeat(1025))),
    }),
    address,
    optional({
      id,
      region: rarely(fc.constantFrom('us-east-1', null), fc.constantFrom('EU west', '')),
      signingService: rarely(fc.constantFrom('execute-api', null), fc.constant('a_b')),
      authMode: fc.constantFrom('none', 'apiKey', 'iam', 'userPool', null),
      version: rarely(
        fc.constantFrom('1.2.3', '2.0.0-rc.1', '1.0.0+b', null),
        fc.constantFrom('1.2', 'v1.2.3', '1.2.3\n'),
      ),
      tenant: rarely(fc.constantFrom('acme', null), badName),
      priority: rarely(fc.constantFrom(0, 1, 65_535, null), fc.constantFrom(-1, 65_536)),
      weight: rarely(fc.constantFrom(0, 1, 1000, null), fc.constantFrom(-1, 1001)),
      public: rarely(fc.constantFrom(false, null), fc.constant(true), 3),
      metadata,
      expiresAt: rarely(fc.constant(null), time, 2),
      takeover: fc.constantFrom(true, false, null),
      ...request,
    }),
  )
  .map(([required, where, more]) => ({ ...required, ...where, ...more }));

const reason = rarely(fc.constant('a reason'), fc.constantFrom('', 'x'.repeat(1001), null), 8);
const deregistration = fc
  .tuple(
    fc.record({ ...key, owner: fc.constantFrom(...owners) }),
    optional({ id, takeover: rarely(fc.constant(false), fc.constant(true), 2), reason, ...request }),
  )
  .map(([required, more]) => ({ ...required, ...more }));

const override = fc
  .tuple(
    fc.record(key),
    fc.record(
      {
        id,
        target: rarely(fc.oneof(url, url, arn, fc.constant(null)), badTarget, 8),
        until: time,
        weight: fc.constantFrom(0, 50, 1001),
        priority: fc.constantFrom(0, 1),
        version: fc.constantFrom('1.2.3', 'x'),
        region: fc.constantFrom('eu-west-1', null),
        reason,
      },
      { requiredKeys: [] },
    ),
  )
  .map(([required, more]) => ({ ...required, ...more }));

const patterns = (...values) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
const rule = fc
  .tuple(
    fc.record({
      kind: fc.constantFrom('scope', 'protection', 'freeze', 'names', 'previews'),
      name: rarely(fc.constantFrom('deploy', 'main'), badName),
    }),
    fc.record(
      {
        principals: fc.uniqueArray(
          fc.constantFrom(own, 'arn:aws:iam::*:role/deploy', 'scope:deploy', `${owners[0]}*`),
          {
            maxLength: 2,
          },
        ),
        services: patterns('orders', 'user-*', '*', 'a.b'),
        stages: patterns('pr-*', 'Prod*', 'open-1'),
        reserved: patterns('__*__', 'zzz'),
        verbs: patterns('register', 'deregister', 'takeover', 'override'),
        seconds: rarely(fc.constantFrom(3600, 86_400), fc.constantFrom(1, 0, -1)),
        reason: text,
      },
      { requiredKeys: ['stages', 'principals'] },
    ),
  )
  .map(([required, more]) => ({ ...required, ...more }));

const nextToken = rarely(
  fc.constant(null),
  fc.constantFrom(
    '',
    'x',
    '{}',
    '[]',
    '{"next":null,"a":-1,"b":0,"publicA":0,"publicB":0}',
    '{"next":null,"a":0,"b":0,"publicA":0,"publicB":0}',
  ),
  9,
);
const snapshot = fc
  .tuple(
    fc.record({ stage: rarely(stage, badName) }),
    optional({
      services: fc.oneof(fc.constant(null), fc.uniqueArray(service, { maxLength: 2 })),
      knownRevision: fc.constantFrom({ ref: 'revision' }, { ref: 'revision' }, '0.0', '1.1', '', null),
      nextToken,
    }),
  )
  .map(([required, more]) => ({ ...required, ...more }));

const of = (field, variables, caller = 'iam') => variables.map((given) => ({ field, caller, variables: given }));
const inInput = (input) => input.map((given) => ({ input: given }));

/** The variable `input` in a form that the schema refuses: a wrong type, a value outside an enum, a field too few or too many. */
const malformed = fc
  .tuple(
    fc.oneof(of('registerEndpoint', inInput(registration)), of('setRule', inInput(rule))),
    fc.constantFrom('stage', 'kind', 'weight', 'metadata', 'takeover', 'name', 'verbs', 'seconds', 'unknown'),
    fc.constantFrom(1.5, 2 ** 31, 'no', '{', [], {}, true, null, undefined),
  )
  .map(([operation, field, value]) => ({
    ...operation,
    variables: { input: { ...operation.variables.input, [field]: value } },
  }));

/** A time that is not an AWSDateTime, or is one that other parsers don't read. In a stage of its own. */
const badlyTimed = fc
  .tuple(fc.nat(), fc.constantFrom('expiresAt', 'requestedAt'), badTime, registration)
  .map(([number, field, value, input]) => ({
    field: 'registerEndpoint',
    caller: 'iam',
    variables: { input: { ...input, stage: `time-${number}`, [field]: value } },
  }));

const operation = fc.oneof(
  { weight: 30, arbitrary: of('registerEndpoint', inInput(registration)) },
  { weight: 12, arbitrary: of('deregisterEndpoint', inInput(deregistration)) },
  { weight: 6, arbitrary: of('overrideEndpoint', inInput(override)) },
  { weight: 18, arbitrary: of('snapshot', snapshot) },
  { weight: 8, arbitrary: of('snapshot', snapshot, 'apiKey') },
  { weight: 5, arbitrary: of('service', fc.record({ name: rarely(service, badName) })) },
  { weight: 3, arbitrary: of('stages', fc.constant({})) },
  { weight: 1, arbitrary: of('stages', fc.constant({}), 'apiKey') },
  { weight: 1, arbitrary: of('registry', fc.constant({}), 'apiKey') },
  { weight: 5, arbitrary: of('setRule', inInput(rule)) },
  // Rules go sooner than they come, or every write would be refused in the end.
  {
    weight: 12,
    arbitrary: of(
      'removeRule',
      rule.map(({ kind, name }) => ({ kind, name })),
    ),
  },
  { weight: 3, arbitrary: of('rules', fc.constant({})) },
  {
    weight: 2,
    arbitrary: of(
      'announceStage',
      fc.record({ stage: rarely(stage, badName, 4), revision: fc.constantFrom('1.2', '', ' ') }),
    ),
  },
  { weight: 6, arbitrary: malformed },
  { weight: 4, arbitrary: badlyTimed },
);

/** So many operations, the same ones for the same seed. */
export function makeOperations(count, seed) {
  return fc.sample(operation, { numRuns: count, seed });
}

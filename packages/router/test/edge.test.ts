import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { chooseWeighted, createTrust, findPathFault, listCandidates, parseSnapshot } from '@amplify-discovery/core';
import { parse, type AnyNode } from 'acorn';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { njsPath, runNjs } from './run-njs.ts';
import { planEdgeEntries, planEdgeSettings } from '@amplify-discovery/publisher/edge';
import { anyCharacter } from '@amplify-discovery/test-rig/any-character';
import { loadEdgeFunction } from '@amplify-discovery/test-rig/edge-function';

const code = readFileSync('packages/router/edge/router.js', 'utf8');

const load = (entries: ReadonlyMap<string, string>) => loadEdgeFunction(code, entries);
const findTrust = createTrust({ trustedHosts: ['*.example.com', 'one.example.com:8443'] });
const record = (fields: object) => ({ service: 'orders', target: 'https://one.example.com/v1', ...fields });
const snapshotOf = (...records: object[]) =>
  parseSnapshot({ revision: '1', endpoints: records }, 'Production', findTrust);
const planOf = (...records: object[]) =>
  new Map([
    ...planEdgeEntries(snapshotOf(...records), findTrust).entries,
    planEdgeSettings({ stage: 'Production', affinity: { header: 'X-User', cookie: 'session' } }),
  ]);

test('a request goes to the origin of its service, below its base path', async () => {
  const { run, origins } = load(planOf(record({})));
  const request = await run('/orders/a%20b', {
    'x-original-url': '/admin',
    forwarded: 'host=evil',
    'true-client-ip': '6.6.6.6',
    'x-sendfile-type': 'X-Accel-Redirect',
    'x-accel-mapping': '/=/internal/',
  });
  expect(request.uri).toBe('/v1/a%20b');
  expect(origins).toEqual([
    {
      domainName: 'one.example.com',
      hostHeader: 'one.example.com',
      // What isn't said is taken over from the distribution's own origin.
      customHeaders: {},
      originShield: { enabled: false },
      originAccessControlConfig: { enabled: false },
      customOriginConfig: { port: 443, protocol: 'https', sslProtocols: ['TLSv1.2'] },
    },
  ]);
  expect(request.headers).toMatchObject({
    'x-forwarded-host': { value: 'd111.cloudfront.net' },
    'x-forwarded-prefix': { value: '/orders' },
  });
  for (const name of ['x-original-url', 'forwarded', 'true-client-ip', 'x-sendfile-type', 'x-accel-mapping'])
    expect(request.headers).not.toHaveProperty(name);
});

test.each([
  ['/orders', '/v1'],
  ['/orders/', '/v1/'],
  ['/orders/x//y', '/v1/x//y'],
])('%s becomes %s', async (uri, expected) => {
  expect((await load(planOf(record({}))).run(uri)).uri).toBe(expected);
});

test.each([
  ['/', 400],
  ['/users/x', 404],
  ['/_settings/x', 404],
  ['/__proto__/x', 404],
  ['/constructor', 404],
  ['/orders/../x', 400],
  ['/orders/%2e%2e/x', 400],
  ['/orders/%252e%252e%252fx', 400],
  ['/orders/..;/x', 400],
  ['//evil.example/x', 400],
  ['http://evil.example/', 400],
  ['/orders//x', 400],
  ['/orders/\\x', 400],
])('%s is answered by %d, and no origin is chosen', async (uri, status) => {
  const { run, origins } = load(planOf(record({})));
  const answer = await run(uri);
  expect(answer.statusCode).toBe(status);
  expect(JSON.parse(answer.body?.data ?? '')).toHaveProperty('code');
  expect(origins).toEqual([]);
});

test('a store that fails is a 503', async () => {
  expect(await load(new Map()).run('/orders/x')).toMatchObject({ statusCode: 503 });
  expect(await load(new Map([...planOf(record({})), ['Production/orders', '{']])).run('/orders/x')).toMatchObject({
    statusCode: 503,
  });
});

test('the host chooses among listed stages', async () => {
  const entries = new Map([...planOf(record({})), planEdgeSettings({ byHost: { 'www.example.com': 'Production' } })]);
  expect((await load(entries).run('/orders/x', { host: 'WWW.example.com:443' })).uri).toBe('/v1/x');
  expect(await load(entries).run('/orders/x', { host: 'other.example.com' })).toMatchObject({ statusCode: 400 });
});

const weighted = fc.uniqueArray(
  fc.record({ id: fc.stringMatching(/^[a-z][\w-]{0,8}$/), weight: fc.integer({ min: 0, max: 1000 }) }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 6 },
);

test('the same key gets the same endpoint at the edge as everywhere else', async () => {
  await fc.assert(
    fc.asyncProperty(
      weighted,
      fc.array(fc.string({ minLength: 1, unit: anyCharacter }), { minLength: 1, maxLength: 20 }),
      async (candidates, keys) => {
        const { run, origins } = load(
          planOf(
            ...candidates.map(({ id, weight }, index) =>
              record({ id, weight, target: `https://host-${index}.example.com` }),
            ),
          ),
        );
        for (const key of keys) {
          await run('/orders/x', { 'x-user': key });
          const chosen = chooseWeighted(candidates, key);
          expect(origins.pop()?.domainName).toBe(
            `host-${candidates.findIndex(({ id }) => id === chosen?.id)}.example.com`,
          );
        }
      },
    ),
    { numRuns: scaleRuns(10) },
  );
});

const changing = fc.uniqueArray(
  fc.record(
    {
      id: fc.stringMatching(/^[a-z][\w-]{0,8}$/),
      weight: fc.integer({ min: 0, max: 1000 }),
      priority: fc.integer({ min: 0, max: 2 }),
      version: fc.constantFrom('1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0-rc.2', '1.0.0+build-5'),
      tenant: fc.constant('acme'),
      expiresAt: fc.integer({ min: 1, max: 9 }),
    },
    { requiredKeys: ['id', 'weight', 'priority'] },
  ),
  { selector: ({ id }) => id, minLength: 1, maxLength: 6 },
);

test('the edge chooses what core selects, whatever the endpoints, also once some have expired', async () => {
  await fc.assert(
    fc.asyncProperty(
      changing,
      fc.integer({ min: 0, max: 9 }),
      fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }),
      async (records, writtenAt, keys) => {
        const targets = records.map(({ expiresAt, ...fields }, index) =>
          record({
            ...fields,
            ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
            target: `https://host-${index}.example.com`,
          }),
        );
        const snapshot = snapshotOf(...targets);
        const { entries } = planEdgeEntries(snapshot, findTrust, { now: () => writtenAt });
        const settings = planEdgeSettings({ stage: 'Production', affinity: { header: 'x-user' } });
        let time = writtenAt;
        const { run, origins } = loadEdgeFunction(code, new Map([...entries, settings]), () => time);
        for (; time < 11; time++) {
          for (const affinityKey of keys) {
            const { statusCode } = await run('/orders/x', { 'x-user': affinityKey });
            const candidates = listCandidates(snapshot.services.get('orders') ?? [], {}, time);
            const selected = chooseWeighted(candidates, affinityKey);
            expect(statusCode).toBe(selected ? undefined : 404);
            expect(origins.pop()?.domainName).toBe(selected && new URL(selected.target).hostname);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('90/10 is 90/10 at the edge, by cookie too', async () => {
  const { run, origins } = load(
    planOf(record({ weight: 90 }), record({ id: 'canary', weight: 10, target: 'https://two.example.com' })),
  );
  for (let user = 0; user < 1000; user++) await run('/orders/x', {}, { session: `user-${user}` });
  const share = origins.filter(({ domainName }) => domainName === 'two.example.com').length;
  expect(share).toBeGreaterThan(70);
  expect(share).toBeLessThan(130);
});

test('an endpoint is no longer chosen once it has expired', async () => {
  const entries = planOf(
    record({}),
    record({ id: 'preview', weight: 1000, target: 'https://two.example.com', expiresAt: Date.now() + 1e9 }),
  );
  const { run, origins } = load(new Map([...entries].map(([key, value]) => [key, value.replace(/\d{13}/, '1000')])));
  for (let user = 0; user < 50; user++) await run('/orders/x', { 'x-user': `${user}` });
  expect(new Set(origins.map(({ domainName }) => domainName))).toEqual(new Set(['one.example.com']));
});

test('the edge refuses the paths that the router refuses, and no others', async () => {
  const { run } = load(planOf(record({})));
  const part = fc.constantFrom(
    '.',
    '..',
    '/',
    '%2e',
    '%2F',
    '%5c',
    '%25',
    '2e',
    '%00',
    ';',
    'a',
    '%c0%ae',
    '%',
    'b%20c',
    '%3b',
    '%32',
    '%65',
    '%7F',
    '25',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
      const path = `/${parts.join('')}`;
      const isRefused = (await run(`/orders${path}`)).statusCode === 400;
      expect(isRefused).toBe(findPathFault(path) !== undefined);
    }),
    { numRuns: scaleRuns(100) },
  );
});

/** ES 5.1 and what cloudfront-js-2.0 adds: const, let, async, await, arrow functions, template literals, rest parameters. */
const allowed = new Set(
  `Program ImportDeclaration ImportDefaultSpecifier FunctionDeclaration FunctionExpression ArrowFunctionExpression RestElement
  VariableDeclaration VariableDeclarator Identifier Literal TemplateLiteral TemplateElement BlockStatement ExpressionStatement
  ReturnStatement IfStatement ForStatement ForInStatement WhileStatement DoWhileStatement BreakStatement ContinueStatement
  SwitchStatement SwitchCase ThrowStatement TryStatement CatchClause AssignmentExpression BinaryExpression LogicalExpression
  UnaryExpression UpdateExpression ConditionalExpression CallExpression NewExpression MemberExpression ArrayExpression
  ObjectExpression Property AwaitExpression EmptyStatement`.split(/\s+/),
);
const unavailable =
  /^(eval|Function|require|process|globalThis|setTimeout|setInterval|setImmediate|fetch|XMLHttpRequest|then|Proxy|Reflect|Symbol|Map|Set|WeakMap)$/;

/** What the runtime's documentation doesn't list. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html */
function findUnsupported(source: string): string[] {
  const faults: string[] = [];
  const whole = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!value || typeof value !== 'object' || !('type' in value)) return undefined;
    const node = value as AnyNode;
    if (!allowed.has(node.type)) faults.push(node.type);
    if (node.type === 'VariableDeclarator') whole.add(node.init);
    if (node.type === 'AssignmentExpression') whole.add(node.right);
    if (node.type === 'ExpressionStatement') whole.add(node.expression);
    if (node.type === 'ReturnStatement') whole.add(node.argument);
    // Documented as "async arguments are not supported"; the engine says "await in arguments not supported".
    if (node.type === 'AwaitExpression' && !whole.has(node)) faults.push('await within an expression');
    if (node.type === 'Identifier' && unavailable.test(node.name)) faults.push(node.name);
    if (node.type === 'Property' && (node.shorthand || node.computed || node.method || node.kind !== 'init'))
      faults.push('object literal of ES 6');
    if (node.type === 'LogicalExpression' && node.operator === '??') faults.push('??');
    if (node.type === 'AssignmentExpression' && /\|\||&&|\?\?/.test(node.operator)) faults.push(node.operator);
    if ((node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression') && node.generator)
      faults.push('generator');
    if (node.type === 'CatchClause' && !node.param) faults.push('catch without parameter');
    if (node.type === 'Literal' && 'regex' in node && node.regex && /[dsuvy]/.test(node.regex.flags))
      faults.push('regular expression flag');
    if (node.type === 'ImportDeclaration' && node.source.value !== 'cloudfront') faults.push('import');
    return Object.values(node).forEach(visit);
  };
  visit(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }));
  return faults;
}

test("the function keeps to the runtime's language and size", () => {
  expect(findUnsupported(code)).toEqual([]);
  expect(Buffer.byteLength(code)).toBeLessThanOrEqual(10 * 1024);
  expect(code.startsWith("import cf from 'cloudfront';\n")).toBe(true);
});

test.each([
  'const {a} = b',
  'for (const a of b) {}',
  'class A {}',
  'a?.b',
  'a ?? b',
  'f(...a)',
  'const a = {b}',
  'eval("1")',
  'p.then(f)',
  'function* g() {}',
  'function f(a = 1) {}',
  'a ||= 1',
  'try {} catch {}',
  '/a/u',
  "import x from 'fs'",
  'async function f() { g(await h()); }',
  'async function f() { return 1 + (await h()); }',
])('the check of the language finds %s', (source) => {
  expect(findUnsupported(source)).not.toEqual([]);
});

const isRequired = njsPath !== undefined || process.env.CI !== undefined;
const withNjs = isRequired ? describe : describe.skip;

withNjs(isRequired ? 'the real njs' : 'the real njs (not installed: apt-get install njs)', () => {
  test('takes the function, and finds what Node finds', async () => {
    const entries = planOf(
      record({ weight: 90 }),
      record({ id: 'canary', weight: 10, target: 'https://two.example.com:8443' }),
    );
    const uris = ['/orders/a%20b', '/orders', '/', '/users/x', '/orders/%252e%252e/x', '/orders//x', '/__proto__/x'];
    const keys = Array.from({ length: 40 }, (_, index) => `user-${index} \u00e9`);
    const calls = [...uris.map((uri) => [uri, 'k'] as const), ...keys.map((key) => ['/orders/x', key] as const)];
    const requests = calls.map(([uri, key]) => ({
      method: 'GET',
      uri,
      headers: { host: { value: 'd111.cloudfront.net' }, 'x-user': { value: key } },
      cookies: {},
      querystring: {},
    }));
    const outcomes = runNjs(njsPath ?? 'njs', code, Object.fromEntries(entries), requests);
    expect(outcomes).toHaveLength(calls.length);
    const { run, origins } = load(entries);
    for (const [index, [uri, key]] of calls.entries()) {
      const expected = await run(uri, { 'x-user': key });
      expect(outcomes[index]?.request.statusCode).toBe(expected.statusCode);
      if (!expected.statusCode) expect(outcomes[index]?.request.uri).toBe(expected.uri);
      expect(outcomes[index]?.origin?.domainName).toBe(origins.pop()?.domainName);
    }
  });
});

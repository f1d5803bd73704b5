import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import * as cdk from '../../src/index.ts';
import { makeApp } from '../make-app.ts';
import { makeBundles, makePage } from '../make-bundles.ts';
import { synthesiseTemplates } from '../../synthesise-templates.js';
import { compareNames, type RecordedNames } from './compare-names.ts';
import { describeNames, type TemplateNames } from './describe-names.ts';

/**
 * Logical ids, physical names and exports of everything that the constructs make, held to what is recorded. What deployed stacks
 * and built apps hold hangs on them: a logical id that changes is a table that is deleted and another that is empty.
 *
 * `npm run record:names` records what was added. What would take something away it refuses, unless it is meant:
 * `RECORD_NAMES=breaking npm run record:names`.
 */
makeBundles('registrar', 'publisher', 'bridges', 'router', 'console');
makePage();
const file = join(process.cwd(), 'packages/cdk/test/frozen-names/frozen-names.json');
const folder = mkdtempSync(join(tmpdir(), 'frozen-names-'));
afterAll(() => rmSync(folder, { recursive: true }));

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Parameters<typeof describeNames>[0];

function synthesise(): RecordedNames {
  synthesiseTemplates(folder);
  const own = readdirSync(folder)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => [`cdk/${name.replace('.template.json', '')}`, describeNames(readJson(join(folder, name)))] as const);
  const backend = 'amplify-backend/gen1/amplify/backend';
  const gen1 = readdirSync(backend, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('-cloudformation-template.json'))
    .map(
      (name) =>
        [
          `gen1/${basename(name).replace('-cloudformation-template.json', '')}`,
          describeNames(readJson(join(backend, name))),
        ] as const,
    );
  return Object.fromEntries([...own, ...gen1, ...listGen2()].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** `defineDiscovery` in a branch, whose app reads by API key, and in one with auth, which may have a console. */
function listGen2(): (readonly [string, TemplateNames])[] {
  return ['key', 'auth', 'console'].flatMap((variant) => {
    const stack = new Stack(makeApp({ 'amplify-backend-name': 'main', 'amplify-backend-type': 'branch' }), 'Root');
    const stacks = new Map<string, NestedStack>();
    const createStack = (id: string) => {
      const nested = new NestedStack(stack, id);
      stacks.set(id, nested);
      return nested;
    };
    const auth = variant === 'key' ? undefined : createStack('auth');
    const role = (id: string) =>
      new Role(auth as Stack, id, { assumedBy: new ServicePrincipal('cognito-identity.amazonaws.com') });
    const resources = auth && {
      userPool: new UserPool(auth, 'Pool'),
      authenticatedUserIamRole: role('In'),
      unauthenticatedUserIamRole: role('Out'),
    };
    const api = new HttpApi(createStack('api'), 'Api');
    const backend = { stack, createStack, addOutput: () => {}, ...(resources && { auth: { resources } }) };
    cdk.defineDiscovery(backend, { services: { users: api }, console: variant === 'console' });
    return [...stacks]
      .filter(([id]) => id.startsWith('discovery'))
      .map(([id, nested]) => {
        const names = describeNames(Template.fromStack(nested).toJSON() as Parameters<typeof describeNames>[0]);
        return [`gen2/${variant}/${id}`, names] as const;
      });
  });
}

const recorded = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as RecordedNames;
const current = synthesise();
const mode = process.env.RECORD_NAMES;

test('no name changes that others hold, and what is added is recorded', () => {
  const { breaking, other } = compareNames(recorded, current);
  if (breaking.length > 0 && mode !== 'breaking') {
    throw new Error(
      [
        'Stacks that are deployed and apps that are built would lose what they hold:',
        ...breaking.map((change) => `- ${change}.`),
        'If this is meant, RECORD_NAMES=breaking npm run record:names records it; say in the changelog what operators have to do.',
      ].join('\n'),
    );
  }
  if (mode !== undefined) {
    writeFileSync(file, `${JSON.stringify(current, undefined, 2)}\n`);
    execFileSync('node_modules/.bin/oxfmt', [file]);
    return;
  }
  if (other.length > 0) {
    throw new Error(
      [
        'The constructs make something that is not recorded, or no longer make what is:',
        ...other.map((change) => `- ${change}`),
        'Run npm run record:names and commit packages/cdk/test/frozen-names/frozen-names.json.',
      ].join('\n'),
    );
  }
});

test('every construct that is exported is in one of the templates', () => {
  // A registry brings some itself.
  const files = ['synthesise-templates.js', 'src/service-registry/service-registry.ts'];
  const text = files.map((name) => readFileSync(join('packages/cdk', name), 'utf8')).join('\n');
  const constructs = Object.entries(cdk).filter(
    ([, value]) => typeof value === 'function' && value.prototype instanceof Construct,
  );
  const missing = constructs.map(([name]) => name).filter((name) => !text.includes(`new ${name}(`));
  expect(missing).toEqual([]);
});

describe('a change that takes something away', () => {
  const table = {
    type: 'AWS::DynamoDB::Table',
    fixed: { KeySchema: '["stage","key"]' },
    deletionPolicy: 'Retain',
  } as const;
  const role = { type: 'AWS::IAM::Role' } as const;
  const of = (resources: TemplateNames['resources'], outputs: TemplateNames['outputs'] = {}): RecordedNames => ({
    Full: { resources, outputs },
  });
  const compare = (before: RecordedNames, after: RecordedNames) => compareNames(before, after);

  test.each<[string, RecordedNames, RecordedNames, RegExp]>([
    [
      'a table under another logical id',
      of({ A: table }),
      of({ B: table }),
      /A \(AWS::DynamoDB::Table\) is gone: .*Keep/,
    ],
    ['a template that is gone', of({ A: table }), {}, /is gone/],
    [
      'other keys',
      of({ A: table }),
      of({ A: { ...table, fixed: { KeySchema: '["id"]' } } }),
      /another KeySchema .*Leave/,
    ],
    [
      'a name where there was none',
      of({ A: { type: 'AWS::Lambda::Function' } }),
      of({ A: { type: 'AWS::Lambda::Function', fixed: { FunctionName: '"x"' } } }),
      /another FunctionName \(nothing becomes "x"\)/,
    ],
    ['no retention any more', of({ A: table }), of({ A: { ...table, deletionPolicy: 'Delete' } }), /policy Delete/],
    ['another type', of({ A: table }), of({ A: role }), /is gone/],
    ['a named role that is gone', of({ A: { ...role, fixed: { RoleName: 'r' } } }), of({}), /is gone/],
    ['an output that is gone', of({}, { Url: '' }), of({}), /output Url is gone/],
    ['another export', of({}, { Url: '"a"' }), of({}, { Url: '"b"' }), /no longer exported as "a"/],
  ])('%s is refused, with what to do', (_, before, after, message) => {
    const { breaking } = compare(before, after);
    expect(breaking).toHaveLength(1);
    expect(breaking[0]).toMatch(message);
  });

  test.each<[string, RecordedNames, RecordedNames]>([
    ['a new table', of({}), of({ A: table })],
    ['a role under another logical id', of({ A: role }), of({ B: role })],
    ['a new output', of({}), of({}, { Url: '' })],
    ['an output that is exported now', of({}, { Url: '' }), of({}, { Url: '"a"' })],
  ])('but %s is only recorded', (_, before, after) => {
    const { breaking, other } = compare(before, after);
    expect(breaking).toEqual([]);
    expect(other.length).toBeGreaterThan(0);
  });

  test('and nothing is said of what stays', () => {
    expect(compare(current, current)).toEqual({ breaking: [], other: [] });
  });
});

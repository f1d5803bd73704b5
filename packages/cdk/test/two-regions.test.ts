import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Stack, type App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
// First: it sets what makes the CDK quick.
import './make-app.ts';
import { makeBundles } from './make-bundles.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

makeBundles('registrar', 'publisher', 'bridges');

/** The stacks of the guide, as its own snippet makes them. */
let stacks: ReadonlyMap<string, Template>;
let folder: string;
beforeAll(async () => {
  const guide = readFileSync(join(root, 'docs/operations/second-region.md'), 'utf8');
  const snippet = [...guide.matchAll(/```ts\n(.*?)```/gs)]
    .map(([, code]) => code)
    .find((code) => code?.includes('Orders-'));
  mkdirSync(join(root, 'packages/cdk/.cache'), { recursive: true });
  folder = mkdtempSync(join(root, 'packages/cdk/.cache/two-regions-'));
  writeFileSync(join(folder, 'app.ts'), `${snippet}\nexport { app };\n`);
  const { app } = (await import(join(folder, 'app.ts'))) as { readonly app: App };
  const all = app.node.children.filter((child): child is Stack => Stack.isStack(child));
  stacks = new Map(all.map((stack) => [stack.stackName, Template.fromStack(stack)]));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const get = (name: string) => stacks.get(name) as Template;

test('each region has a registry of its own, and its service registers there, by the region’s name', () => {
  for (const region of ['eu-west-1', 'us-east-1']) {
    get(`Registry-${region}`).resourceCountIs('AWS::AppSync::GraphQLApi', 1);
    get(`Orders-${region}`).hasResourceProperties('Custom::ServiceEndpoint', {
      Service: 'orders',
      Stage: 'Production',
      Id: region,
    });
  }
});

test('each region’s registry is copied into the other by a bridge with a mark of its own', () => {
  const marks = ['eu-west-1', 'us-east-1'].map((region) => {
    const functions = Object.values(get(`Orders-${region}`).findResources('AWS::Lambda::Function')) as {
      readonly Properties: { readonly Handler: string; readonly Environment?: { readonly Variables: object } };
    }[];
    const [bridge, ...more] = functions.filter(({ Properties }) => Properties.Handler === 'bridge.handler');
    expect(more).toEqual([]);
    return JSON.stringify(bridge?.Properties.Environment?.Variables);
  });
  expect(marks[0]).not.toBe(marks[1]);
});

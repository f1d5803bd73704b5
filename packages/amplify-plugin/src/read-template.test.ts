import { expect, test } from '@jest/globals';
import { buildTemplate } from './build-template.ts';
import type { DiscoveryPlan } from './discovery-plan.ts';
import { readTemplate } from './read-template.ts';

const plan: DiscoveryPlan = {
  registry: { by: 'name', name: 'amplify-discovery', auth: 'apiKey' },
  snapshot: { by: 'name' },
  stages: { prod: 'Production' },
  trustedHosts: ['*.example.com'],
  registrations: [
    { service: 'orders', id: 'default', api: { category: 'api', resourceName: 'orders', attribute: 'RootUrl' } },
  ],
};

test.each(['null', '[]', '7', '{"Metadata":null}', '{"Metadata":{"AmplifyDiscovery":null}}', '{"Metadata":[]}'])(
  'a template of someone else is left alone, whatever it holds: %s',
  (text) => {
    expect(readTemplate(text, 'file')).toBeUndefined();
  },
);

test('a template gives back the plan that it was made from, however it was formatted since', () => {
  const template = buildTemplate(plan);
  const reversed = Object.fromEntries(Object.entries(template).sort(([a], [b]) => (a < b ? 1 : -1)));
  expect(readTemplate(JSON.stringify(template), 'file')?.plan).toEqual(plan);
  expect(readTemplate(JSON.stringify(reversed, undefined, 8), 'file')?.plan).toEqual(plan);
});

test('the description that the Amplify CLI writes into the file at a push is no edit by hand', () => {
  const pushed = { ...buildTemplate(plan), Description: '{"createdBy":"Amplify"}' };
  expect(readTemplate(JSON.stringify(pushed), 'file')).toMatchObject({ plan, description: pushed.Description });
});

test.each([
  ['a property', (text: string) => text.replace('"ServiceTimeout":120', '"ServiceTimeout":60')],
  [
    'a new resource',
    (text: string) => text.replace('"Resources":{', '"Resources":{"Mine":{"Type":"AWS::SNS::Topic"},'),
  ],
  ['the plan', (text: string) => text.replace('"prod":"Production"', '"prod":"Live"')],
])('an edit by hand of %s is refused with the file and the ways out', (_what, edit) => {
  const text = JSON.stringify(buildTemplate(plan));
  expect(edit(text)).not.toBe(text);
  expect(() => readTemplate(edit(text), 'x/template.json')).toThrow(
    expect.objectContaining({
      code: 'InvalidOptions',
      message: expect.stringMatching(/x\/template\.json was changed by hand.*git/s),
    }),
  );
});

test.each(['', 'Resources:\n  A: 1', '[]', 'null', '{}', '{"Metadata":{"Other":1}}'])(
  'a template of somebody else is none of ours: %j',
  (text) => {
    expect(readTemplate(text, 'file')).toBeUndefined();
  },
);

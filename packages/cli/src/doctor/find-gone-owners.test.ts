import type { ListedEndpoint } from '@amplify-discovery/console';
import { expect, test } from '@jest/globals';
import { findGoneOwners } from './find-gone-owners.ts';

const stack = (name: string) => `arn:aws:cloudformation:eu-west-1:111122223333:stack/${name}/1f0c`;
const make = (service: string, owner?: string): ListedEndpoint => ({
  stage: 'dev',
  service,
  id: 'default',
  kind: 'rest',
  target: 'https://api.example.com',
  priority: 0,
  weight: 100,
  public: false,
  owner,
  token: 't',
});

test('records of deleted stacks are told; each stack is asked for once, in its own region', async () => {
  const asked: string[][] = [];
  const records = [
    make('a', `${stack('gone')}#A`),
    make('b', `${stack('gone')}#B`),
    make('c', `${stack('there')}#C`),
    make('d', 'cli:ann'),
    make('e'),
  ];
  const { findings, unchecked } = await findGoneOwners(records, async (stackId, region) => {
    asked.push([stackId, region]);
    return stackId.includes('/gone/') ? 'gone' : 'present';
  });
  expect(asked).toEqual([
    [stack('gone'), 'eu-west-1'],
    [stack('there'), 'eu-west-1'],
  ]);
  expect(findings.map(({ check, subject }) => [check, subject])).toEqual([
    ['owner-gone', 'dev/a/default'],
    ['owner-gone', 'dev/b/default'],
  ]);
  expect(findings[0]?.fix).toContain('discovery deregister a');
  expect(findings[0]).not.toHaveProperty('removable');
  expect(unchecked).toEqual([]);
});

test('a stack that CloudFormation does not know or tell about is not called gone', async () => {
  const records = [make('a', `${stack('foreign')}#A`), make('b', `${stack('denied')}#B`)];
  const { findings, unchecked } = await findGoneOwners(records, async (stackId) => {
    if (stackId.includes('denied')) throw new Error('AccessDenied');
    return 'unknown';
  });
  expect(findings).toEqual([]);
  expect(unchecked).toEqual([expect.stringContaining("doesn't know it"), expect.stringContaining('AccessDenied')]);
});

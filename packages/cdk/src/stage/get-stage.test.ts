import { expect, test } from '@jest/globals';
import { Construct, RootConstruct } from 'constructs';
import { getStage } from './get-stage.ts';

/** A construct tree is all that it takes: the context is the tree's own. */
function inContext(context: Readonly<Record<string, unknown>>): Construct {
  const root = new RootConstruct('App');
  for (const [key, value] of Object.entries(context)) root.node.setContext(key, value);
  return new Construct(root, 'Users');
}

const gen2 = (type: string, namespace: string, name: string) => ({
  'amplify-backend-type': type,
  'amplify-backend-namespace': namespace,
  'amplify-backend-name': name,
});

test.each([
  ['a branch', gen2('branch', 'd123abc', 'feature/login'), 'feature-login'],
  ['a sandbox', gen2('sandbox', 'shop', 'ada'), 'ada'],
  ['the identifier of ampx deploy', gen2('standalone', 'shop-prod', 'backend'), 'shop-prod'],
  ['the stage of a pipeline', gen2('standalone', 'pipeline', 'beta'), 'beta'],
  ['a branch that is called backend', gen2('branch', 'd123abc', 'backend'), 'backend'],
])('is %s', (_, context, stage) => {
  expect(getStage(inContext(context))).toBe(stage);
});

test('is what the context says, before anything of Amplify', () => {
  const context = { ...gen2('branch', 'd123abc', 'main'), 'amplify-discovery:stage': 'qa' };
  expect(getStage(inContext(context))).toBe('qa');
});

test('has to come from somewhere', () => {
  for (const context of [{}, { 'amplify-backend-name': '/' }, { 'amplify-backend-name': 7 }])
    expect(() => getStage(inContext(context))).toThrow('[App/Users] stage: none is given');
});

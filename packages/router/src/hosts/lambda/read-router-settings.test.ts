import { expect, test } from '@jest/globals';
import { readRouterSettings } from './read-router-settings.ts';

test('the stage is DISCOVERY_STAGE, and the ones after it serve what it lacks', () => {
  expect(readRouterSettings({ DISCOVERY_STAGE: 'pr-1, dev' })).toEqual({
    stage: 'pr-1',
    fallbackStages: { 'pr-1': ['dev'] },
  });
  expect(readRouterSettings({ DISCOVERY_STAGE: 'Production' })).toEqual({ stage: 'Production' });
});

test('everything else is JSON in one variable', () => {
  const settings = {
    stage: {
      byHost: { 'staging.example.com': 'staging' },
      byHeader: { name: 'x-stage', allow: ['a', 'b'] },
      default: 'Production',
    },
    services: ['orders'],
    auth: { orders: { mode: 'iam', region: 'eu-west-1' } },
    affinity: { cookie: 'session' },
    mount: '/api',
    timeoutMs: 5000,
    suggestNames: false,
  };
  expect(readRouterSettings({ DISCOVERY_ROUTER: JSON.stringify(settings) })).toEqual(settings);
});

test.each([
  ['no stage', {}],
  ['no JSON', { DISCOVERY_ROUTER: '{' }],
  ['no object', { DISCOVERY_ROUTER: '[]' }],
  ['an unknown setting', { DISCOVERY_ROUTER: '{"services ":["a"]}' }],
  ['a prototype', { DISCOVERY_ROUTER: '{"__proto__":{}}' }],
  ['a list that is empty', { DISCOVERY_ROUTER: '{"services":[]}' }],
  ['a secret', { DISCOVERY_ROUTER: '{"auth":{"orders":{"mode":"apiKey","key":"k"}}}' }],
  ['a mode that is none', { DISCOVERY_ROUTER: '{"auth":{"orders":{"mode":"IAM"}}}' }],
  ['any stage in the path', { DISCOVERY_ROUTER: '{"stage":{"inPath":"any"}}' }],
  ['a mount that is no path', { DISCOVERY_ROUTER: '{"mount":"api"}' }],
  ['a time that is none', { DISCOVERY_ROUTER: '{"timeoutMs":"5"}' }],
])('%s is refused', (_name, env: Record<string, string>) => {
  expect(() => readRouterSettings({ ...(env.DISCOVERY_ROUTER && { DISCOVERY_STAGE: 'Production' }), ...env })).toThrow(
    /DISCOVERY_/,
  );
});

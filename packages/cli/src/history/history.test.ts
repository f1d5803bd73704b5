import { expect, test } from '@jest/globals';
import type { RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import { diffEndpoints } from './diff-snapshots.ts';
import { planRollback } from './plan-rollback.ts';

const record = (service: string, more: Partial<RegisteredEndpoint> = {}): RegisteredEndpoint => ({
  stage: 'dev',
  service,
  id: 'default',
  kind: 'rest',
  target: `https://${service}.example.com`,
  region: null,
  signingService: null,
  authMode: null,
  version: null,
  tenant: null,
  weight: 100,
  metadata: null,
  expiresAt: null,
  owner: `owner of ${service}`,
  token: `token of ${service}`,
  registeredAt: null,
  updatedAt: null,
  ...more,
});

test('a difference names what was added, removed and changed, and in which fields', () => {
  const before = [record('gone'), record('same', { metadata: '{"a":"1","b":"2"}' }), record('moved')];
  const after = [
    { service: 'same', kind: 'rest', target: 'https://same.example.com', weight: 100, metadata: { b: '2', a: '1' } },
    { service: 'moved', kind: 'rest', target: 'https://other.example.com', weight: 50 },
    { service: 'new', kind: 'rest', target: 'https://new.example.com', weight: 100 },
  ];
  expect(
    diffEndpoints(before, after).map(({ service, before, after, fields }) => [service, !!before, !!after, fields]),
  ).toEqual([
    ['gone', true, false, []],
    ['moved', true, true, ['target', 'weight']],
    ['new', false, true, []],
  ]);
});

test('the order of endpoints, of metadata and absent fields make no difference', () => {
  const one = [record('a', { metadata: '{"x":"1","y":"2"}' }), record('b')];
  const other = [
    { service: 'b', kind: 'rest', target: 'https://b.example.com', weight: 100 },
    { ...record('a'), metadata: { y: '2', x: '1' } },
  ];
  expect(diffEndpoints(one, other)).toEqual([]);
});

test('a rollback registers what differs under the owner and with the token of now', () => {
  const target = [
    {
      ...record('moved'),
      target: 'https://old.example.com',
      metadata: '{"a":"1"}',
      owner: undefined,
      token: undefined,
    },
    record('same'),
  ];
  const plan = planRollback({ stage: 'dev', current: [record('moved'), record('same')], target, owner: 'me' });
  expect(plan).toEqual([
    {
      action: 'register',
      fields: ['target', 'metadata'],
      input: {
        stage: 'dev',
        service: 'moved',
        id: 'default',
        kind: 'rest',
        target: 'https://old.example.com',
        weight: 100,
        metadata: { a: '1' },
        owner: 'owner of moved',
        token: 'token of moved',
      },
    },
  ]);
});

test('what nobody holds any more is registered for whoever rolls back, without a token', () => {
  const [step] = planRollback({ stage: 'dev', current: [], target: [record('gone')], owner: 'me' });
  expect(step).toMatchObject({ action: 'register', input: { service: 'gone', owner: 'me' } });
  expect(step).not.toHaveProperty('input.token');
});

test('what came later is kept unless its removal is asked for, and then removed with its token', () => {
  const input = { stage: 'dev', current: [record('new')], target: [], owner: 'me' };
  expect(planRollback(input)).toEqual([{ action: 'keep', service: 'new', id: 'default' }]);
  expect(planRollback({ ...input, removesAdded: true })).toEqual([
    {
      action: 'deregister',
      input: { stage: 'dev', service: 'new', id: 'default', owner: 'owner of new', token: 'token of new' },
    },
  ]);
});

test('an endpoint that has moved on between plan and write is refused by the registry', async () => {
  const { startLocalRegistry } = await import('@amplify-discovery/local');
  const { findService, registerEndpoint } = await import('@amplify-discovery/registry/operations');
  const { sigv4Transport } = await import('@amplify-discovery/registry/sigv4');
  const registry = await startLocalRegistry();
  const transport = sigv4Transport(registry);
  const register = (target: string) =>
    registerEndpoint(transport, { stage: 'dev', service: 'users', kind: 'rest', target, owner: 'stack' });
  await register('https://one.example.com');
  const target = [{ service: 'users', id: 'default', kind: 'rest', target: 'https://one.example.com', weight: 100 }];
  await register('https://two.example.com');
  const plan = async () =>
    planRollback({
      stage: 'dev',
      current: await findService(transport, 'users', { withOwner: true }),
      target,
      owner: 'me',
    });
  const [late] = await plan();
  await register('https://three.example.com');
  const [step] = await plan();
  if (late?.action !== 'register' || step?.action !== 'register') throw new Error('a registration was expected');
  await expect(registerEndpoint(transport, late.input)).rejects.toMatchObject({ code: 'ConcurrentChange' });
  await expect(registerEndpoint(transport, step.input)).resolves.toMatchObject({
    change: 'updated',
    endpoint: { owner: 'stack', target: 'https://one.example.com' },
  });
  await registry.stop();
});

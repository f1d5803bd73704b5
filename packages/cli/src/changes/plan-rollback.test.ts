import { parseEndpoint, type Endpoint } from '@amplify-discovery/core';
import type { RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import { expect, test } from '@jest/globals';
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
  priority: 0,
  weight: 100,
  public: false,
  actor: null,
  metadata: null,
  expiresAt: null,
  owner: `owner of ${service}`,
  token: `token of ${service}`,
  registeredAt: null,
  updatedAt: null,
  override: null,
  ...more,
});
const endpoint = (service: string, more: object = {}): Endpoint =>
  parseEndpoint({ service, target: `https://${service}.example.com`, ...more }, 'dev');

test('a rollback registers what differs under the owner and with the token of now', () => {
  const old = { target: 'https://old.example.com', metadata: { a: '1' }, expiresAt: '2099-01-01T00:00:00.000Z' };
  const current = [record('moved'), record('same', { metadata: '{"b":"2","a":"1"}' })];
  const target = [endpoint('moved', old), endpoint('same', { metadata: { a: '1', b: '2' } })];
  expect(planRollback({ stage: 'dev', current, target, owner: 'me' })).toEqual([
    {
      action: 'register',
      fields: ['target', 'metadata', 'expiresAt'],
      input: {
        stage: 'dev',
        service: 'moved',
        id: 'default',
        kind: 'rest',
        priority: 0,
        weight: 100,
        public: false,
        ...old,
        owner: 'owner of moved',
        token: 'token of moved',
      },
    },
  ]);
});

test('a record that has no owner any more is registered for the person who rolls back, without a token', () => {
  const [step] = planRollback({ stage: 'dev', current: [], target: [endpoint('gone')], owner: 'me' });
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

test('a malformed record is replaced by what the snapshot has for its key, and otherwise left as it is', () => {
  const current = [record('broken', { kind: 'soap' as never }), record('unknown', { kind: 'soap' as never })];
  const plan = planRollback({
    stage: 'dev',
    current,
    target: [endpoint('broken')],
    owner: 'me',
    removesAdded: true,
  });
  expect(plan).toEqual([
    expect.objectContaining({
      action: 'register',
      input: expect.objectContaining({ service: 'broken', owner: 'owner of broken', token: 'token of broken' }),
    }),
  ]);
});

test('services named like members of every object are planned as any other', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
  const target = names.map((name) => endpoint(name));
  const current = names.map((name) => record(name));
  expect(planRollback({ stage: 'dev', current, target, owner: 'me' })).toEqual([]);
  expect(planRollback({ stage: 'dev', current: [], target, owner: 'me' })).toHaveLength(names.length);
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findKey, isMadeUp, isSameKey, createPhysicalResourceId, notRegistered } from './physical-resource-id.ts';

const names = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/);
const keys = fc.record({ stage: names, service: names, id: names });
const holders = fc.record({
  registry: fc.domain().map((host) => `https://${host}/graphql`),
  owner: fc.string({ minLength: 1, maxLength: 300 }),
});

describe('a PhysicalResourceId', () => {
  test('gives its holder the key back, and stays far below what CloudFormation takes', () => {
    fc.assert(
      fc.property(keys, holders, (key, holder) => {
        const id = createPhysicalResourceId(key, holder);
        expect(id).toBe(createPhysicalResourceId({ ...key }, { ...holder }));
        expect(id.length).toBeLessThanOrEqual(434);
        expect(findKey(id, holder)).toEqual(key);
      }),
    );
  });

  test('changes exactly when key, registry or owner changes', () => {
    fc.assert(
      fc.property(keys, keys, holders, holders, (key, otherKey, holder, otherHolder) => {
        const isSame =
          isSameKey(key, otherKey) && holder.registry === otherHolder.registry && holder.owner === otherHolder.owner;
        expect(createPhysicalResourceId(key, holder) === createPhysicalResourceId(otherKey, otherHolder)).toBe(isSame);
      }),
    );
  });

  test('says nothing to another owner or another registry', () => {
    fc.assert(
      fc.property(keys, holders, holders, (key, holder, other) => {
        fc.pre(holder.owner !== other.owner || holder.registry !== other.registry);
        expect(findKey(createPhysicalResourceId(key, holder), other)).toBeUndefined();
      }),
    );
  });

  test('is not found in any other text', () => {
    const holder = { registry: 'https://registry.example/graphql', owner: 'stack#Users' };
    const real = createPhysicalResourceId({ stage: 'dev', service: 'users', id: 'default' }, holder);
    const others = [
      '',
      notRegistered,
      'my-stack-Users-1A2B3C4D5E6F',
      '2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef',
      real.replace('users', 'orders'),
      real.slice(0, -1),
      `${real}0`,
      real.toUpperCase(),
      real.replace('dev/', 'dev/x/'),
    ];
    for (const text of others) expect(findKey(text, holder)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => expect(findKey(text, holder)).toBeUndefined()));
  });
});

test('an id that CloudFormation made up is distinguished from those of providers', () => {
  expect(isMadeUp('my-stack-Users-1A2B3C4D5E6F', 'Users')).toBe(true);
  expect(isMadeUp('my-stack-with-Users-in-Users-1ABCDEFGHIJK', 'Users')).toBe(true);
  expect(isMadeUp('my-stack-Users', 'Users')).toBe(false);
  expect(isMadeUp('my-stack-Orders-1A2B3C4D5E6F', 'Users')).toBe(false);
  expect(isMadeUp('discovery:dev/users/default:0123456789abcdef0123456789abcdef', 'Users')).toBe(false);
  expect(isMadeUp('2026/11/21/[$LATEST]0123456789abcdef', 'Users')).toBe(false);
});

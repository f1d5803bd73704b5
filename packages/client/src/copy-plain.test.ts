import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copyPlain } from './copy-plain.ts';

/** Every object in a value, itself included. */
function listObjects(value: unknown): object[] {
  return typeof value === 'object' && value ? [value, ...Object.values(value).flatMap(listObjects)] : [];
}

describe('copyPlain', () => {
  test('gives the same JSON and shares no object with the original', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = copyPlain(value);
        expect(copy).toEqual(value);
        const originals = new Set(listObjects(value));
        expect(listObjects(copy).filter((object) => originals.has(object))).toEqual([]);
      }),
    );
  });

  test('keeps functions and instances, which structured cloning refuses or strips', () => {
    class Provider {
      readonly name = 'own';
    }
    const original = { custom_header: async () => ({}), provider: new Provider(), at: new Date(0) };
    const copy = copyPlain(original);
    expect(copy).not.toBe(original);
    expect(copy.custom_header).toBe(original.custom_header);
    expect(copy.provider).toBe(original.provider);
    expect(copy.at).toBe(original.at);
  });

  test('reads through proxies', () => {
    const deep = (value: object): object =>
      new Proxy(value, {
        get: (target, key) => {
          const inner: unknown = Reflect.get(target, key);
          return typeof inner === 'object' && inner ? deep(inner) : inner;
        },
      });
    const original = { API: { REST: { users: { endpoint: 'http://localhost:3000' } } }, list: [{ a: 1 }] };
    const copy = copyPlain(deep(original));
    expect(copy).toEqual(original);
    Object.freeze(copy);
    expect(Object.isFrozen(original)).toBe(false);
  });

  test('copies a key called __proto__ as a key', () => {
    const copy = copyPlain(JSON.parse('{"__proto__":{"a":1}}') as object);
    expect(Object.keys(copy)).toEqual(['__proto__']);
  });
});

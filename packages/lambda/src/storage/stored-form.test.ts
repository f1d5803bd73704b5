import { describe, expect, test } from '@jest/globals';
import { parseSnapshot } from '@amplify-discovery/core';
import fc from 'fast-check';
import { parseStored, serializeStored } from './stored-form.ts';

const parse = (text: string) => parseStored(text) as { endpoints: readonly { service: string; toJSON(): unknown }[] };
const unfold = (text: string) => JSON.parse(JSON.stringify(parse(text))) as unknown;

describe('a stored snapshot', () => {
  test('is the same again, whatever stands in its records', () => {
    const record = fc.oneof(
      fc.jsonValue(),
      fc.record({ service: fc.oneof(fc.stringMatching(/^[\w.-]{1,20}$/), fc.string(), fc.jsonValue()) }),
    );
    fc.assert(
      fc.property(fc.array(record), fc.string(), fc.nat(), (endpoints, revision, loadedAt) => {
        const stored = { revision, endpoints, loadedAt };
        expect(unfold(serializeStored(stored))).toEqual(JSON.parse(JSON.stringify(stored)));
      }),
    );
  });

  test('means the same to a resolver as it did before', () => {
    const hostile = [
      null,
      7,
      'x',
      { service: 'a b' },
      { service: '__proto__' },
      { service: 'users', target: 'http://x' },
    ];
    const good = ['users', 'constructor', 'orders', 'users'].map((service, index) => ({
      service,
      id: `${index}`,
      target: 'https://a.example.com',
    }));
    const stored = { revision: 'r', endpoints: [...good, ...hostile], loadedAt: 1 };
    const trust = () => 'listed' as const;
    const before = parseSnapshot(stored, 'dev', trust);
    const after = parseSnapshot(parse(serializeStored(stored)), 'dev', trust);
    expect(after.endpoints).toEqual(before.endpoints);
    expect([...after.services]).toEqual([...before.services]);
    expect(after.rejected.map(String).sort()).toEqual(before.rejected.map(String).sort());
  });

  test('of a large stage parses only the services that are used', () => {
    const endpoints = Array.from({ length: 100 }, (_, index) => ({
      service: `s${index}`,
      target: 'https://a.example.com',
    }));
    const broken = serializeStored({ revision: 'r', endpoints, loadedAt: 1 }).replace('s7 {', 's7 <');
    const snapshot = parseSnapshot(parse(broken), 'dev', () => 'listed');
    expect(snapshot.find('s8').endpoints).toHaveLength(1);
    expect(snapshot.find('s7')).toMatchObject({ endpoints: [], rejected: [{ code: 'InvalidRecord' }] });
  });

  test('that was cut short has the records that are whole', () => {
    const text = serializeStored({ revision: 'r', endpoints: [{ service: 'a' }, { service: 'b' }], loadedAt: 1 });
    expect(parse(text.slice(0, -3)).endpoints.map(({ service }) => service)).toEqual(['a']);
    expect(() => parseStored('')).toThrow(SyntaxError);
    expect(() => parseStored('garbage\n')).toThrow(SyntaxError);
  });
});

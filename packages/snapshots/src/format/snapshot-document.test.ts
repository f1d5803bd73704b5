import { expect, test } from '@jest/globals';
import { isDiscoveryError } from '@amplify-discovery/core';
import fc from 'fast-check';
import { parseDocument } from './snapshot-document.ts';

const valid = {
  stage: 'dev',
  sequence: 1,
  issuedAt: '2026-11-26T08:00:00.000Z',
  expiresAt: '2026-11-27T08:00:00.000Z',
  revision: 'r1',
  endpoints: [],
};
const parse = (value: unknown) => parseDocument(new TextEncoder().encode(JSON.stringify(value)), 'dev');

test.each([
  ['issuedAt', null],
  ['issuedAt', 'yesterday'],
  ['expiresAt', {}],
  ['expiresAt', { toString: 'not a function' }],
])('what is not a time is refused: %s %j', (field, value) => {
  expect(() => parse({ ...valid, [field]: value })).toThrow('Snapshot of "dev": ');
});

test('whatever stands in a field, the document is read or refused with an error of this library', () => {
  const hostile = fc.constantFrom<unknown>({ toString: 1, valueOf: 1 }, [[]], { constructor: null });
  const fields = fc.constantFrom(...Object.keys(valid));
  fc.assert(
    fc.property(fields, fc.oneof(fc.jsonValue(), hostile), (field, value) => {
      try {
        expect(parse({ ...valid, [field]: value })).toMatchObject({ stage: 'dev', endpoints: expect.any(Array) });
      } catch (error) {
        expect(isDiscoveryError(error) && error.code).toBe('RegistryUnavailable');
      }
    }),
  );
});

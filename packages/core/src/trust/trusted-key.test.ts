import { expect, test } from '@jest/globals';
import { parseTrustedKeys } from './trusted-key.ts';

const key = { kid: '2026', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };

test('one key or two are taken from their JSON text', () => {
  expect(parseTrustedKeys(JSON.stringify([key, { ...key, kid: '2027' }]), 'here')).toHaveLength(2);
});

test('a list is taken as it is', () => {
  const keys = [key];
  expect(parseTrustedKeys(keys, 'here')).toBe(keys);
});

test.each([undefined, null, {}, [], [null], [{ ...key, kty: 'RSA' }], 7])('%j is refused as well', (value) => {
  expect(() => parseTrustedKeys(value, 'here')).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
});

test.each([
  '',
  '[{',
  'null',
  '{}',
  '[]',
  '[null]',
  '["key"]',
  JSON.stringify([key, { ...key, kid: '' }]),
  JSON.stringify([{ ...key, crv: 'P-384' }]),
  JSON.stringify([{ ...key, y: 7 }]),
])('%s is refused, not taken as "do not verify"', (text) => {
  expect(() => parseTrustedKeys(text, 'here')).toThrow(
    expect.objectContaining({ code: 'InvalidOptions', message: expect.stringMatching(/^here: /) }),
  );
});

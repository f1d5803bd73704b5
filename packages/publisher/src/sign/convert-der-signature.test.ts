import { createHash, createVerify, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { convertDerSignature } from './convert-der-signature.ts';

test('two hundred real signatures, with and without leading zeros, verify after conversion', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const lengths = new Set<number>();
  for (let round = 0; round < 200; round++) {
    const data = createHash('sha256').update(String(round)).digest();
    const der = sign('sha256', data, { key: privateKey, dsaEncoding: 'der' });
    lengths.add(der.length);
    const raw = convertDerSignature(der);
    expect(raw).toHaveLength(64);
    expect(createVerify('sha256').update(data).verify({ key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
  }
  expect(lengths.size).toBeGreaterThan(1);
});

test('short numbers are padded on the left', () => {
  const raw = convertDerSignature(Uint8Array.of(0x30, 7, 2, 1, 5, 2, 2, 0, 0x80));
  expect([raw[31], raw[63]]).toEqual([5, 0x80]);
  expect(raw.filter(Boolean)).toHaveLength(2);
});

test('whatever the bytes, the answer is 64 bytes or SignatureInvalid', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (der) => {
      try {
        expect(convertDerSignature(der)).toHaveLength(64);
      } catch (error) {
        expect(error).toMatchObject({ code: 'SignatureInvalid' });
      }
    }),
  );
});

test.each([
  ['nothing', []],
  ['a number of 33 digits', [0x30, 40, 2, 33, ...Array<number>(33).fill(1), 2, 3, 1, 1, 1]],
  ['bytes behind the end', [0x30, 6, 2, 1, 1, 2, 1, 1, 9]],
  ['a cut one', [0x30, 6, 2, 1, 1, 2, 4]],
])('%s is refused', (_, bytes) => {
  expect(() => convertDerSignature(Uint8Array.from(bytes))).toThrow(
    expect.objectContaining({ code: 'SignatureInvalid' }),
  );
});

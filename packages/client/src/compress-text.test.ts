import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compressText, expandText } from './compress-text.ts';

test('compressed text becomes what it was, whatever it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 2000 }), async (text) => {
      const compressed = await compressText(text);
      expect(compressed).toMatch(/^gzip,[A-Za-z0-9+/=]+$/);
      expect(await expandText(compressed)).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('a long list of records takes a tenth', async () => {
  const text = JSON.stringify(
    Array.from({ length: 5000 }, (_, index) => ({
      service: `service-${index}`,
      target: `https://a${index}.execute-api.eu-west-1.amazonaws.com`,
    })),
  );
  const compressed = await compressText(text);
  expect(compressed.length).toBeLessThan(text.length / 10);
  expect(await expandText(compressed)).toBe(text);
});

test('text that was not compressed stays what it is', async () => {
  expect(await expandText('{"revision":"1"}')).toBe('{"revision":"1"}');
});

test('text that was cut is refused', async () => {
  const compressed = await compressText('x'.repeat(10_000));
  await expect(expandText(compressed.slice(0, -8))).rejects.toThrow();
});

test('text stays what it is where nothing can compress it', async () => {
  const { CompressionStream } = globalThis;
  Object.assign(globalThis, { CompressionStream: undefined });
  try {
    expect(await compressText('text')).toBe('text');
  } finally {
    Object.assign(globalThis, { CompressionStream });
  }
});

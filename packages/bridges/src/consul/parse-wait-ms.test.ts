import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseWaitMs } from './parse-wait-ms.ts';

test('durations of Go are read, within Consul’s bounds', () => {
  const table: Record<string, number | undefined> = {
    '30s': 30_000,
    '1m30s': 90_000,
    '1.5s': 1500,
    '.5s': 500,
    '250ms': 250,
    '5000us': 5,
    '1h': 600_000,
    '': 300_000,
    '0': 300_000,
    '0s': 300_000,
    '-5s': 300_000,
    '5': undefined,
    s: undefined,
    '1 s': undefined,
    '1d': undefined,
    '.s': undefined,
  };
  for (const [text, expected] of Object.entries(table)) expect([text, parseWaitMs(text)]).toEqual([text, expected]);
});

test('any text is a time within the bounds, or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+]?(\d{1,4}\.?\d{0,3}(ns|us|ms|s|m|h))+$/)), (text) => {
      const waitMs = parseWaitMs(text);
      expect(waitMs === undefined || (waitMs > 0 && waitMs <= 600_000)).toBe(true);
    }),
  );
});

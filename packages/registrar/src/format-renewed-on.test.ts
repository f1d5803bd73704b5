import { expect, test } from '@jest/globals';
import { formatRenewedOn } from './format-renewed-on.ts';

test('a registration is renewed by the first deployment of a day in UTC', () => {
  const times = [
    '2026-11-25T23:59:59.999Z',
    '2026-11-26T00:00:00Z',
    '2026-11-26T23:59:59+01:00',
    '2026-11-27T00:30:00+01:00',
  ];
  expect(times.map((time) => formatRenewedOn(new Date(time)))).toEqual([
    '2026-11-25',
    '2026-11-26',
    '2026-11-26',
    '2026-11-26',
  ]);
});

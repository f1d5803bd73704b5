import { describe, expect, test } from '@jest/globals';
import { awsScalars } from './aws-scalars.ts';

const cases: Record<string, { readonly good: unknown[]; readonly bad: unknown[] }> = {
  AWSDate: {
    good: ['2026-02-28', '2026-02-28Z', '2026-02-28+01:00'],
    bad: ['2026-02-30', '28.2.2026', '', 5, '2026-02-28T00:00'],
  },
  AWSTime: { good: ['12:30', '12:30Z', '23:59:59.123+05:30'], bad: ['24:00', '12', '12:60', 'noon'] },
  AWSDateTime: {
    good: ['2026-02-28T12:30:00Z', '2026-02-28T12:30:00.123456+01:00', '2026-02-28T12:30Z'],
    bad: ['2026-02-28T12:30:00', '2026-02-30T00:00:00Z', '2026-02-28', 'tomorrow', 0, null],
  },
  AWSTimestamp: { good: [0, -1, 1_700_000_000], bad: [1.5, '1700000000', NaN] },
  AWSEmail: { good: ['a@example.com'], bad: ['a@', 'a b@example.com', 'a'] },
  AWSJSON: { good: ['{"a":1}', '[]', 'null', '"x"', '1'], bad: ['{a:1}', '', 'nope', {}, 5] },
  AWSURL: {
    good: ['https://example.com', 'https://example.com/x?y#z', 'mailto:a@b.c'],
    bad: ['nope', 'example.com', '', 'http://'],
  },
  AWSPhone: { good: ['+4912345678', '555 0100 22'], bad: ['abc', '1'] },
  AWSIPAddress: {
    good: ['127.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32'],
    bad: ['256.0.0.1', '1.2.3', 'localhost', '::g', '1.2.3.4/x'],
  },
};

test('every scalar of AppSync that a schema can name is here', () => {
  expect(Object.keys(awsScalars).sort()).toEqual(Object.keys(cases).sort());
});

describe.each(Object.entries(cases))('%s', (name, { good, bad }) => {
  const scalar = awsScalars[name]!;
  test.each(good)('takes %p', (value) => {
    expect(() => scalar.parseValue(value)).not.toThrow();
  });
  test.each(bad)('refuses %p', (value) => {
    expect(() => scalar.parseValue(value)).toThrow(`not a valid ${name}`);
  });
});

test('AWSJSON is a value inside and text on the wire', () => {
  const { parseValue, serialize } = awsScalars.AWSJSON!;
  expect(parseValue('{"a":[1]}')).toEqual({ a: [1] });
  expect(serialize({ a: [1] })).toBe('{"a":[1]}');
});

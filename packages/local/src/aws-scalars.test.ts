import { describe, expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { awsScalars } from './aws-scalars.ts';

const cases = {
  AWSDateTime: {
    good: [
      '2026-02-28T12:30:00Z',
      '2026-02-28T12:30:00.123456+01:00',
      '2026-02-28T12:30Z',
      '2026-02-28T12:30:00-07:00:30',
    ],
    bad: ['2026-02-28T12:30:00', '2026-02-30T00:00:00Z', '2026-02-28', 'tomorrow', 0, null],
  },
  AWSJSON: { good: ['{"a":1}', '[]', 'null', '"x"', '1'], bad: ['{a:1}', '', 'nope', {}, 5] },
};

test('implements every AppSync scalar in the schema', () => {
  const named = new Set(registryDefinition.schema.match(/\bAWS[A-Za-z]+\b/g));
  expect([...named].filter((name) => !['AWS_IAM'].includes(name)).sort()).toEqual(Object.keys(awsScalars).sort());
});

describe.each(Object.entries(cases))('%s', (name, { good, bad }) => {
  const scalar = awsScalars[name as keyof typeof cases];
  test.each<unknown>(good)('takes %p', (value) => {
    expect(() => scalar.parseValue(value)).not.toThrow();
  });
  test.each<unknown>(bad)('refuses %p', (value) => {
    expect(() => scalar.parseValue(value)).toThrow(`not a valid ${name}`);
  });
});

test('AWSJSON is a value in resolvers and text on the wire', () => {
  const { parseValue, serialize } = awsScalars.AWSJSON;
  expect(parseValue('{"a":[1]}')).toEqual({ a: [1] });
  expect(serialize({ a: [1] })).toBe('{"a":[1]}');
});

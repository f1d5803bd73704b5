import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { array, check, literal, optional, picklist, pipe, record, strictObject, string } from 'valibot';
import { commaList } from './comma-list.ts';
import { parseJsonSettings, parseSettings } from './parse-settings.ts';

const schema = strictObject({
  store: string(),
  hosts: array(string()),
  days: optional(
    pipe(
      string(),
      check((text) => Number(text) >= 1, 'is not 1 or more'),
    ),
  ),
  kinds: optional(record(string(), picklist(['rest', 'http']))),
  kty: optional(literal('EC')),
});
const valid = { store: 's', hosts: ['a.example.com'] };
const messageOf = (value: unknown) => {
  try {
    return parseSettings(schema, value, 'SETTINGS');
  } catch (error) {
    expect(error).toMatchObject({ code: 'InvalidOptions' });
    return (error as Error).message;
  }
};

test.each([
  ['what is unknown', { ...valid, host: 'x' }, 'SETTINGS: host: is not a known setting'],
  ['what is missing', { store: 's' }, 'SETTINGS: hosts: is missing'],
  ['a wrong type', { ...valid, hosts: ['a', 7] }, 'SETTINGS: hosts.1: expected string, found 7'],
  ['a rule, in the words of the schema', { ...valid, days: '0' }, 'SETTINGS: days: is not 1 or more'],
  [
    'a value of a list',
    { ...valid, kinds: { a: 'job' } },
    'SETTINGS: kinds.a: expected ("rest" | "http"), found "job"',
  ],
  ['a value in its own case', { ...valid, kty: 'RSA' }, 'SETTINGS: kty: expected "EC", found "RSA"'],
  ['what is not an object', 'x', 'SETTINGS: expected object, found "x"'],
  ['a list in place of an object', [], 'SETTINGS: expected object, found Array'],
  [
    'everything at once',
    { host: 1 },
    'SETTINGS: store: is missing; SETTINGS: hosts: is missing; SETTINGS: host: is not a known setting',
  ],
])('the error names %s with its path', (_, value, message) => {
  expect(messageOf(value)).toBe(message);
});

test.each(['__proto__', 'constructor', 'prototype'])(
  'the key %s is refused at any depth, not dropped in silence',
  (key) => {
    const text = (inner: string) => `{"store":"s","hosts":[],${inner}}`;
    const parse = (json: string) => () => parseJsonSettings(schema, json, 'SETTINGS');
    expect(parse(text(`"${key}":1`))).toThrow(`SETTINGS: ${key}: is not a known setting`);
    expect(parse(text(`"kinds":{"${key}":"rest"}`))).toThrow(`SETTINGS: kinds.${key}: is not a known setting`);
  },
);

test('text that is not JSON is refused with where it comes from', () => {
  expect(() => parseJsonSettings(schema, '{', 'SETTINGS')).toThrow('SETTINGS: is not valid JSON');
});

test('whatever the JSON, it becomes settings or InvalidOptions', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        parseJsonSettings(schema, text, 'SETTINGS');
      } catch (error) {
        expect(error).toMatchObject({ code: 'InvalidOptions', message: expect.stringMatching(/^SETTINGS: /) });
      }
    }),
  );
});

test('a list is read without the space around its parts', () => {
  expect(parseSettings(commaList, ' users, orders,,', 'LIST')).toEqual(['users', 'orders']);
});

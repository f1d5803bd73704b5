import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanText } from '@amplify-discovery/core';
import { cleanJson } from './clean-json.ts';

// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
// What fast-check's unit `binary` is, which makes a table of a million characters first.
const anyCharacter = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u001b', '\u009b', '\u0007', '\u202e', '\u200b', '\r', '\n', '"', '\\', '\u{e0041}'),
    anyCharacter,
  ),
});

test('no output has a character that a terminal obeys', () => {
  fc.assert(fc.property(hostile, (text) => expect(cleanText(text)).not.toMatch(controls)));
});

test('ordinary text stays as it is', () => {
  for (const text of ['https://api.example.com/prod', 'Grüße, 世界 🚀', 'a\\b']) expect(cleanText(text)).toBe(text);
});

test('an escape sequence is written out', () => {
  expect(cleanText('a\u001b[2Jb')).toBe('a\\u{1b}[2Jb');
});

test('JSON parses to the same value and holds no such character but the line feeds of its layout', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(undefined, 2), (text, indent) => {
      const json = cleanJson({ [text]: [text] }, indent);
      expect(JSON.parse(json)).toEqual({ [text]: [text] });
      expect(json.replaceAll('\n', '')).not.toMatch(controls);
    }),
  );
});

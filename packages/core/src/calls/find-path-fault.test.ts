import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findPathFault } from './find-path-fault.ts';

test.each([
  '/',
  '/users?name=a%2Fb&x=../y&z=%',
  '/files/a%2Fb',
  '/.well-known/x',
  '/a..b/...',
  '/x;y=..z',
  '/100%25',
  '/a%25b',
  '/%C3%84/%E2%82%AC',
  '/@evil.com/x',
  '/Ada Lovelace',
  '',
  'users',
  '?a=..',
  '#x',
  '/x#/../y',
  '/x?a=\\\n',
  '/100%',
  '/50%1',
  '/100%unique',
  '@evil.com',
  '.evil.com',
  '/a%5cb',
])('%j is a path', (path) => {
  expect(findPathFault(path)).toBeUndefined();
});

test.each([
  ['//evil.com', '"//"'],
  ['/%2fevil.com', '"//"'],
  ['/%255cevil.com', '"//"'],
  ['/x\\y', '"\\"'],
  ['/a\tb', 'control character'],
  ['..', 'segment'],
  ['../x', 'segment'],
  ['/.. ', 'segment'],
  ['/..%20/x', 'segment'],
  ['/..;/x', 'segment'],
  ['/..%3bv=1/x', 'segment'],
  ['/a/%252e%252e/x', 'segment'],
  ['/a/%25%32%65%25%32%65/x', 'segment'],
  ['/a/%25252e', 'segment'],
  ['/..%00', 'control'],
  ['/.%0a./x', 'control'],
  ['/%257f', 'control'],
  ['/%25c0%25ae%25c0%25ae/x', 'overlong'],
  ['/%u002e%u002e/x', '"%u"'],
  ['/%25u002e%25u002e/x', '"%u"'],
  ['/%u%30%30%32e/x', '"%u"'],
  [`/%${'25'.repeat(9)}41`, 'too many times'],
])('%j %s', (path, fault) => {
  expect(findPathFault(path)).toContain(fault);
});

const part = fc.constantFrom(
  '.',
  '/',
  '\\',
  '%',
  '%2e',
  '%2f',
  '%5C',
  '%25',
  '%32',
  '65',
  '2e',
  '%00',
  ';',
  '?',
  ' ',
  '%20',
  'a',
);
const path = fc.array(part, { maxLength: 10 }).map((parts) => `/${parts.join('')}`);

/** How deep below the service each of a path's segments is, for a server that decodes so often and reads so loosely. */
function readLoosely(text: string, rounds: number): number[] {
  let read = text.split('?', 1)[0] ?? '';
  for (let round = 0; round < rounds; round++) {
    read = read.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
  const segments = read
    // oxlint-disable-next-line no-control-regex -- a server may drop them
    .replace(/[\x00-\x1f]/g, '')
    .replaceAll('\\', '/')
    .replace(/;[^/]*/g, '')
    .replace(/ +(?=\/|$)/g, '')
    .split('/')
    .slice(1);
  let depth = 0;
  return segments.map((segment) => (depth += segment === '..' ? -1 : segment === '.' || segment === '' ? 0 : 1));
}

test('no path without fault climbs out, however often and loosely a server reads it', () => {
  fc.assert(
    fc.property(path, fc.integer({ min: 0, max: 6 }), (text, rounds) => {
      if (findPathFault(text) === undefined) expect(Math.min(0, ...readLoosely(text, rounds))).toBe(0);
    }),
    { numRuns: 5000 },
  );
});

test('what most paths look like is decided as everything else is', () => {
  const piece = fc.constantFrom('/', '.', '..', '~', '-', 'a', 'users', '?', '#', '%2e', '%2f', ';', ' ', '\\', '@');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const path = `/${pieces.join('')}`;
      fc.pre(!path.startsWith('//'));
      // An encoded letter in front changes nothing but that the path looks like no other.
      const unusual = findPathFault(`/%41${path}`);
      if (findPathFault(path) === undefined) expect(unusual).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});

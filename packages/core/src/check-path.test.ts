import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkPath } from './check-path.ts';

const target = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';

test.each([
  '/users',
  '/',
  '/users?name=a%2Fb&x=../y',
  '/files/a%2Fb',
  '/.well-known/x',
  '/a..b',
  '/@evil.com/x',
  '/Ada Lovelace',
])('%j is a path', (path) => {
  expect(() => checkPath(path, 'users')).not.toThrow();
});

test.each(
  [
    ['', '@evil.com/x', '.evil.com/x', ':443/x', 'users', '//evil.com', '/\\evil.com', '\\users', '?x=1', '#x', '/x#y'],
    ['/..', '/../x', '/x/..', '/x/../../y', '/.', '/./x', '/%2e%2e/x', '/%2E./x', '/x/..%2f..', '/..%5cx', '/%2f..%2f'],
    ['/..;/x', '/%252e%252e/x', '/..%00', '/100%', '/..?x', '/a\tb', '/a\nb', '/\u0000', '/x\u007f', ' /x'],
  ].flat(),
)('%j is refused', (path) => {
  expect(() => checkPath(path, 'users')).toThrow(expect.objectContaining({ code: 'InvalidPath', service: 'users' }));
});

test('what is let through stays below the target and on its host', () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    '\\',
    '@',
    ':',
    '?',
    '#',
    '%2e',
    '%2f',
    '%5c',
    'evil.com',
    'a',
    '//',
    '\t',
    '。',
    '／',
  );
  const path = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => `/${pieces.join('')}`),
  );
  fc.assert(
    fc.property(path, (text) => {
      try {
        checkPath(text, 'users');
      } catch (error) {
        expect(error).toMatchObject({ code: 'InvalidPath' });
        return;
      }
      const url = new URL(target + text);
      expect(url.host).toBe('abc.execute-api.eu-west-1.amazonaws.com');
      expect(url.pathname.startsWith('/prod/')).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildServiceUrl } from './build-service-url.ts';

const target = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';

test.each([
  ['/users', `${target}/users`],
  ['users', `${target}/users`],
  ['/', `${target}/`],
  ['', target],
  ['?active=1', `${target}?active=1`],
  ['#part', `${target}#part`],
  ['/users#part', `${target}/users#part`],
  ['/users?name=a%2Fb&x=../y\\z', `${target}/users?name=a%2Fb&x=../y\\z`],
  ['/.well-known/x', `${target}/.well-known/x`],
  ['@evil.com/x', `${target}/@evil.com/x`],
  ['.evil.com/x', `${target}/.evil.com/x`],
  [':443/x', `${target}/:443/x`],
  ['/100%', `${target}/100%`],
  ['/50%1', `${target}/50%1`],
  ['/100%unique', `${target}/100%unique`],
  ['/Ada Lovelace', `${target}/Ada%20Lovelace`],
])('%j is below the target', (path, expected) => {
  expect(buildServiceUrl(target, path, 'users').href).toBe(expected);
});

test('a target without a path is joined in the same way', () => {
  const join = (path: string) => buildServiceUrl('https://api.example.com', path, 'users').href;
  expect(['', '?a=1', '/x', 'x'].map(join)).toEqual([
    'https://api.example.com/',
    'https://api.example.com/?a=1',
    'https://api.example.com/x',
    'https://api.example.com/x',
  ]);
});

test.each(['//evil.com', '/../x', '../x', '..', '/..;/x', '/.. ', '/.. /x', '/%252e%252e/x', '/.\t./x', '\\evil.com'])(
  '%j is refused',
  (path) => {
    expect(() => buildServiceUrl(target, path, 'users')).toThrow(expect.objectContaining({ code: 'InvalidPath' }));
  },
);

test('whatever the path, the URL is below the target, or there is none', () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    '\\',
    '@',
    ':',
    '?',
    '#',
    '%',
    '%2e',
    '%2f',
    '%5c',
    'evil.com',
    'a',
    '//',
    '\t',
    ' ',
    '。',
    '／',
  );
  const path = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(path, fc.constantFrom(target, 'https://api.example.com'), (text, base) => {
      let url;
      try {
        url = buildServiceUrl(base, text, 'users');
      } catch (error) {
        expect(error).toMatchObject({ code: 'InvalidPath', service: 'users' });
        return;
      }
      const { host, pathname } = new URL(base);
      expect(url.host).toBe(host);
      expect(url.pathname === pathname || url.pathname.startsWith(`${pathname.replace(/\/$/, '')}/`)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildServiceUrl } from './build-service-url.ts';

const target = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';

test.each([
  ['/users', `${target}/users`],
  ['/', `${target}/`],
  ['/users?name=a%2Fb&x=../y', `${target}/users?name=a%2Fb&x=../y`],
  ['/files/a%2Fb', `${target}/files/a%2Fb`],
  ['/.well-known/x', `${target}/.well-known/x`],
  ['/a..b', `${target}/a..b`],
  ['/@evil.com/x', `${target}/@evil.com/x`],
])('%s stays below the target', (path, expected) => {
  expect(buildServiceUrl(target, path, 'users').href).toBe(expected);
});

test.each(
  [
    [
      '',
      '@evil.com/x',
      '.evil.com/x',
      ':443/x',
      'users',
      '//evil.com',
      '//evil.com/..',
      '/\\evil.com',
      '\\users',
      '?x=1',
      '#x',
      '/x#y',
    ],
    [
      '/..',
      '/../x',
      '/x/..',
      '/x/../../y',
      '/.',
      '/./x',
      '/%2e%2e/x',
      '/%2E./x',
      '/x/..%2f..',
      '/..%5cx',
      '/%2f..%2f',
      '/..?x',
    ],
    ['/a b', '/a\tb', '/a\nb', '/\u0000', '/x\u007f', ' /x'],
  ].flat(),
)('%j is refused with InvalidPath', (path) => {
  expect(() => buildServiceUrl(target, path, 'users')).toThrow(expect.objectContaining({ code: 'InvalidPath' }));
});

test('whatever the path, the result is below the target and on its host, or InvalidPath', () => {
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
    '\u3002',
    '\uff0f',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => `/${pieces.join('')}`),
      ),
      (path) => {
        try {
          const url = buildServiceUrl(target, path, 'users');
          expect(url.host).toBe('abc.execute-api.eu-west-1.amazonaws.com');
          expect(url.pathname.startsWith('/prod/')).toBe(true);
          expect(
            decodeURIComponent(url.pathname.replace(/%(?![\da-f]{2})/gi, '%25').replace(/%[89a-f][\da-f]/gi, 'x')),
          ).not.toMatch(/(^|[/\\])\.{1,2}($|[/\\])/);
        } catch (error) {
          if ((error as { code?: string }).code !== 'InvalidPath') throw error;
        }
      },
    ),
    { numRuns: 2000 },
  );
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyValue } from '../../test/hostile-values.ts';
import { hostileUrl } from '../../test/hostile-urls.ts';
import type { EndpointKind } from './endpoint-kind.ts';
import { parseSecureUrl } from '../trust/parse-secure-url.ts';
import { parseTarget } from './parse-target.ts';

const url = fc.domain().map((host) => `https://${host}/prod`);
const kinds: readonly EndpointKind[] = ['rest', 'http', 'graphql', 'events', 'websocket', 'function', 'resource'];

describe('parseTarget', () => {
  test.each([
    ['https://a.example.com', 'https://a.example.com'],
    ['https://a.example.com/', 'https://a.example.com'],
    ['https://a.example.com/prod//', 'https://a.example.com/prod'],
    ['HTTPS://A.Example.COM:443/Prod', 'https://a.example.com/Prod'],
    ['https://a.example.com:8443/v1', 'https://a.example.com:8443/v1'],
    ['https://a.example.com/x/../v1', 'https://a.example.com/v1'],
    ['https://a.example.com/%20a', 'https://a.example.com/%20a'],
    ['https://xn--exmple-cua.com/@scope/~me', 'https://xn--exmple-cua.com/@scope/~me'],
    ['http://localhost:3000/', 'http://localhost:3000'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://2130706433:3000', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000/x', 'http://[::1]:3000/x'],
    ['https://[2001:DB8::1]/x', 'https://[2001:db8::1]/x'],
  ])('takes %s and gives %s', (value, expected) => {
    expect(parseTarget(value, 'rest')).toBe(expected);
  });

  test.each([
    ['http to another machine', 'http://a.example.com'],
    ['http to a look-alike of this machine', 'http://localhost.example.com'],
    ['http to 0.0.0.0', 'http://0.0.0.0:3000'],
    ['another scheme', 'ftp://a.example.com'],
    ['a script', 'javascript:alert(1)'],
    ['data', 'data:text/plain,x'],
    ['a missing slash', 'https:/a.example.com'],
    ['no slashes', 'https:a.example.com'],
    ['a third slash', 'https:///a.example.com'],
    ['no scheme', '//a.example.com'],
    ['a path', '/users'],
    ['no host', 'https://'],
    ['a user', 'https://user@a.example.com'],
    ['a user and a password', 'https://user:secret@a.example.com'],
    ['an empty user', 'https://@a.example.com'],
    ['a host behind a host', 'https://a.example.com:443@evil.com'],
    ['a query', 'https://a.example.com/x?y=1'],
    ['an empty query', 'https://a.example.com/x?'],
    ['a hash', 'https://a.example.com/x#y'],
    ['a backslash', 'https://a.example.com\\@evil.com'],
    ['backslashes for slashes', 'https:\\\\a.example.com'],
    ['an encoded slash', 'https://a.example.com/x%2fy'],
    ['an encoded backslash', 'https://a.example.com/x%5Cy'],
    ['encoded dots', 'https://a.example.com/%2e%2E/y'],
    ['a tab inside', 'https://a.exa\tmple.com'],
    ['a newline inside', 'https://a.example.com/\nx'],
    ['space around', ' https://a.example.com '],
    ['a NUL', 'https://a.example.com/\0'],
    ['a Cyrillic look-alike', 'https://ex\u0430mple.com'],
    ['a full-width dot', 'https://a\uff0eexample.com'],
    ['a full-width slash', 'https://a.example.com\uff0fevil.com'],
    ['a soft hyphen', 'https://a.exa\u00admple.com'],
    ['a percent-encoded host', 'https://%61.example.com'],
    ['a leading dot', 'https://.example.com'],
    ['an empty label', 'https://a..example.com'],
    ['a trailing dot', 'https://a.example.com./x'],
    ['what no label has', 'https://a.example.com;evil.com'],
    ['a star', 'https://*.example.com'],
    ['a port out of range', 'https://a.example.com:65536'],
    ['more than 2048 characters', `https://a.example.com/${'x'.repeat(2048)}`],
    ['an ARN', 'arn:aws:lambda:eu-west-1:123456789012:function:users'],
  ])('refuses %s', (_, value) => {
    expect(parseTarget(value, 'rest')).toBeUndefined();
  });

  test('takes wss for websocket and events only, ws for this machine only', () => {
    for (const kind of kinds) {
      const isSocket = kind === 'websocket' || kind === 'events';
      expect([kind, parseTarget('wss://a.example.com/x', kind)]).toEqual([
        kind,
        isSocket ? 'wss://a.example.com/x' : undefined,
      ]);
      expect([kind, parseTarget('WS://localhost:3000', kind)]).toEqual([
        kind,
        isSocket ? 'ws://localhost:3000' : undefined,
      ]);
      expect(parseTarget('ws://a.example.com', kind)).toBeUndefined();
    }
  });

  test.each([
    'arn:aws:lambda:eu-west-1:123456789012:function:users:live',
    'arn:aws-cn:s3:::bucket/key',
    'arn:aws:events:eu-west-1:1:rule/a',
  ])('takes %s for functions and resources as it is', (arn) => {
    expect(kinds.filter((kind) => parseTarget(arn, kind) === arn)).toEqual(['function', 'resource']);
  });

  test.each(['arn:aws:lambda', 'arn:aws:lambda:::', 'arn:aws:s3:::a b', 'arn:aws:s3:::a\n', 'https://a.example.com'])(
    'refuses %j for a function',
    (value) => {
      expect(parseTarget(value, 'function')).toBeUndefined();
    },
  );

  test('never throws, and gives a target that is secure, bare and its own canonical form', () => {
    fc.assert(
      fc.property(fc.oneof(hostileUrl, anyValue, url), fc.constantFrom(...kinds), (value, kind) => {
        const target = parseTarget(value, kind);
        if (target === undefined || target.startsWith('arn:')) return;
        const { username, password, search, hash, protocol, hostname } = new URL(target);
        expect([username, password, search, hash]).toEqual(['', '', '', '']);
        expect(/s:$/.test(protocol) || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)).toBe(true);
        expect(target).toMatch(/^[a-z]+:\/\/[\x21-\x7e]*[^/]$/);
        expect(parseTarget(target, kind)).toBe(target);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseSecureUrl', () => {
  test('keeps path, query and hash of a final URL', () => {
    expect(parseSecureUrl('https://a.example.com/x?y=1#z')?.href).toBe('https://a.example.com/x?y=1#z');
  });

  test.each([
    'http://a.example.com',
    'https://u@a.example.com',
    'https://:p@a.example.com',
    'https://a..b',
    'nope',
    '',
    'file:///etc/passwd',
  ])('refuses %s', (value) => {
    expect(parseSecureUrl(value)).toBeUndefined();
  });
});

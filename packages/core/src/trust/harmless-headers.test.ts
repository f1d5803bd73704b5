import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findReplayableHeader, harmlessHeaders } from './harmless-headers.ts';

test.each([
  'Authorization',
  'Proxy-Authorization',
  'Cookie',
  'X-Api-Key',
  'Api-Key',
  'X-Auth-Token',
  'X-Session-Id',
  'X-JWT-Assertion',
  'X-Amzn-Oidc-Data',
  'X-Amzn-Oidc-Accesstoken',
  'X-Amzn-Mtls-Clientcert',
  'Cf-Access-Jwt-Assertion',
  'X-Goog-Iap-Jwt-Assertion',
  'DPoP',
  'SAML-Assertion',
  'X-CSRF-Token',
  'X-Anything-New',
  'constructor',
  '__proto__',
  '',
])('%j goes to listed hosts only', (name) => {
  expect(findReplayableHeader(['accept', name])).toBe(name);
});

test.each([
  'Accept',
  'Content-Type',
  'Range',
  'If-None-Match',
  'User-Agent',
  'traceparent',
  'X-Amzn-Trace-Id',
  'Idempotency-Key',
  'X-Request-Id',
  'X-Amz-Date',
  'X-Amz-User-Agent',
  'X-Forwarded-For',
])('%s may go anywhere that is trusted', (name) => {
  expect(findReplayableHeader([name])).toBeUndefined();
});

test('whatever is not on the list is found, in any case and at any place', () => {
  const known = [...harmlessHeaders];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...known)), fc.stringMatching(/^[a-z-]{1,12}$/), (before, name) => {
      const shouted = name.toUpperCase();
      expect(findReplayableHeader([...before, shouted])).toBe(known.includes(name) ? undefined : shouted);
    }),
  );
});

test('the list is in lower case and names nothing twice', () => {
  for (const name of harmlessHeaders) expect(name).toMatch(/^[\da-z-]+$/);
});

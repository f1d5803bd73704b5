import { expect, test } from '@jest/globals';
import { isIdempotent } from './is-idempotent.ts';

test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'get'])('%s may be repeated', (method) => {
  expect(isIdempotent(method)).toBe(true);
});

test.each(['POST', 'PATCH', 'CONNECT', 'PURGE', '', 'constructor'])('%j may not', (method) => {
  expect(isIdempotent(method)).toBe(false);
});

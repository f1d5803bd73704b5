import { expect, test } from '@jest/globals';
import { isReplayable } from './is-replayable.ts';

test.each(
  [
    [
      'authorization',
      'Proxy-Authorization',
      'x-api-key',
      'X-Amz-Security-Token',
      'Cookie',
      'x-session',
      'X-CSRF-Token',
    ],
    ['client-secret', 'x-passphrase', 'X-Auth-User'],
  ].flat(),
)('%s may hold a credential', (name) => {
  expect(isReplayable(name)).toBe(true);
});

test.each(['accept', 'content-type', 'traceparent', 'x-request-id', 'if-none-match'])('%s holds none', (name) => {
  expect(isReplayable(name)).toBe(false);
});

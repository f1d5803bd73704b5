import { expect, test } from '@jest/globals';
import { findRequestTime } from './find-request-time.ts';

const now = Date.parse('2026-11-21T20:40:00Z');
const sign = (date: string) =>
  `https://bucket.example/answer?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${date}&X-Amz-Signature=s`;

test('the time of an event is the time at which its ResponseURL was signed', () => {
  expect(findRequestTime(sign('20261121T203614Z'), now)).toBe('2026-11-21T20:36:14Z');
});

test('a URL that tells no time, or none that is near, tells nothing', () => {
  const urls = [
    'nonsense',
    '',
    'https://bucket.example/answer?Expires=1494452395',
    sign('2026'),
    sign('20261321T203614Z'),
    sign('20271121T203614Z'),
    sign('20261120T203614Z'),
  ];
  for (const url of urls) expect(findRequestTime(url, now)).toBeUndefined();
});

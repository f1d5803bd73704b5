import { expect, test } from '@jest/globals';
import { findRequestTime } from './find-request-time.ts';

const now = Date.parse('2026-11-21T20:40:00Z');
const sign = (date: string) =>
  `https://bucket.example/answer?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${date}&X-Amz-Signature=s`;

test('the time of an event is the time at which its ResponseURL was signed', () => {
  expect(findRequestTime(sign('20261121T203614Z'), now)).toBe('2026-11-21T20:36:14Z');
});

test('an event is as old as it is, for it may have waited anywhere', () => {
  expect(findRequestTime(sign('20261121T202459Z'), now)).toBe('2026-11-21T20:24:59Z');
  expect(findRequestTime(sign('20261101T000000Z'), now)).toBe('2026-11-01T00:00:00Z');
});

test("an event that is a little ahead of this clock keeps its place among CloudFormation's; one from the future is of now", () => {
  expect(findRequestTime(sign('20261121T205459Z'), now)).toBe('2026-11-21T20:54:59Z');
  expect(findRequestTime(sign('20991121T203614Z'), now + 789)).toBe('2026-11-21T20:40:00Z');
});

test('a URL without a time has none', () => {
  const urls = [
    'nonsense',
    '',
    'https://bucket.example/answer?Expires=1494452395',
    sign('2026'),
    sign('20261321T203614Z'),
  ];
  for (const url of urls) expect(findRequestTime(url, now)).toBeUndefined();
});

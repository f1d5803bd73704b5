import { describe, expect, test } from '@jest/globals';
import { findExpiringKey } from './find-expiring-key.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const apiKey = 'da2-abcdefghijklmnopqrstuvwxyz';
const url = 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql';
const settings = { url, origin: '--registry', region: 'eu-west-1', apiKey };
const secondsIn = (days: number) => now / 1000 + days * 24 * 3600;

/** AppSync's control plane: two pages of APIs, of which the second has the registry. */
function answerWith(keys: readonly object[]): { asked: string[]; fetch: typeof globalThis.fetch } {
  const asked: string[] = [];
  return {
    asked,
    async fetch(input, init) {
      const { host, pathname, searchParams } = new URL(input as string);
      asked.push(`${host}${pathname}`);
      expect(new Headers(init?.headers).get('authorization')).toMatch(/eu-west-1\/appsync\/aws4_request/);
      if (pathname === '/v1/apis/theirs/apikeys') return Response.json({ apiKeys: [] });
      if (pathname === '/v1/apis/ours/apikeys') return Response.json({ apiKeys: keys });
      return searchParams.get('nextToken') === 'more'
        ? Response.json({ graphqlApis: [{ apiId: 'ours', uris: { GRAPHQL: url } }] })
        : Response.json({ graphqlApis: [{ apiId: 'theirs', uris: { GRAPHQL: 'https://x' } }], nextToken: 'more' });
    },
  };
}

const findCredentials = async () => async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
const find = (keys: readonly object[], more: object = {}) =>
  findExpiringKey({ ...settings, ...more }, { findCredentials, fetch: answerWith(keys).fetch, now });

describe('the API key of a deployed registry', () => {
  test.each([
    [61, undefined, ''],
    [59.5, 'warning', 'in 59 days, and nothing has renewed it'],
    [13, 'error', 'It expires at 2026-12-09T12:00:00.000Z, in 13 days'],
    [-1, 'error', 'It expired at 2026-11-25T12:00:00.000Z: apps that ask the registry with it are refused'],
  ])('with %s days left', async (days, severity, problem) => {
    const { findings, unchecked } = await find([
      { id: 'da2-other', expires: 0 },
      { id: apiKey, expires: secondsIn(days) },
    ]);
    expect(findings).toEqual(
      severity === undefined
        ? []
        : [
            {
              check: 'key-expires',
              severity,
              subject: 'API key da2-abcd…',
              problem: expect.stringContaining(problem),
              fix: expect.stringContaining('--api-id ours'),
            },
          ],
    );
    expect(unchecked).toEqual([]);
    expect(JSON.stringify(findings)).not.toContain(apiKey);
  });

  test('that AppSync does not have is said to be unknown', async () => {
    const { findings } = await find([{ id: 'da2-other', expires: secondsIn(300) }]);
    expect(findings).toMatchObject([{ check: 'key-unknown', severity: 'error' }]);
  });
});

test('what cannot be looked up is said, and is no finding', async () => {
  const noCredentials = () => Promise.reject(new Error('no AWS credentials'));
  const refused: typeof globalThis.fetch = async () => Response.json({ message: 'not authorized' }, { status: 403 });
  const cases = await Promise.all([
    find([], { url: 'https://registry.example.com/graphql' }),
    find([], { url: url.replace('abc', 'elsewhere') }),
    findExpiringKey(settings, { findCredentials: noCredentials, fetch: refused, now }),
    findExpiringKey(settings, { findCredentials, fetch: refused, now }),
  ]);
  expect(cases.flatMap(({ findings }) => findings)).toEqual([]);
  expect(cases.flatMap(({ unchecked }) => unchecked)).toEqual([
    'the API key: registry.example.com is not an address that AppSync gives an API',
    'the API key: no API of this account and region answers there',
    'the API key: no AWS credentials',
    expect.stringContaining('the API key: The APIs could not be listed: AppSync answered HTTP 403'),
  ]);
});

test.each([{ apiKey: undefined }, { url: 'http://127.0.0.1:4000/graphql' }, { url: 'http://[::1]:4000/graphql' }])(
  'nothing is asked where there is no key that could expire: %j',
  async (more) => {
    const { asked, fetch } = answerWith([]);
    const report = await findExpiringKey({ ...settings, ...more }, { findCredentials, fetch, now });
    expect([report, asked]).toEqual([{ findings: [], unchecked: [] }, []]);
  },
);

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createKeyClient, type ApiKey } from '@amplify-discovery/aws';
import { createRenewalHandler } from './create-renewal-handler.ts';

const now = new Date('2026-11-26T12:00:00Z');
const secondsOf = (text: string) => Date.parse(text) / 1000;

let server: Server;
let endpoint: string;
let keys: Map<string, ApiKey>;
/** By key: what AppSync answers instead of renewing it. */
let refusals: Map<string, number>;
let lines: Record<string, unknown>[];

/** AppSync's control plane, as far as it has to do with keys: a page has one key. */
beforeEach(async () => {
  keys = new Map();
  refusals = new Map();
  lines = [];
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://appsync');
    const [, apiId, id = ''] = /^\/v1\/apis\/([^/]+)\/apikeys(?:\/(.+))?$/.exec(pathname) ?? [];
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (apiId !== 'api') return answer(404, { message: 'no such API' });
    if (request.method === 'GET') {
      const page = Number(searchParams.get('nextToken') ?? 0);
      const nextToken = page + 1 < keys.size ? `${page + 1}` : null;
      return answer(200, { apiKeys: [...keys.values()].slice(page, page + 1), nextToken });
    }
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    return request.on('end', () => {
      const refusal = refusals.get(id);
      if (refusal) return answer(refusal, { message: 'not authorized' });
      const apiKey = { ...(keys.get(id) as ApiKey), ...(JSON.parse(body) as object) };
      keys.set(id, apiKey);
      return answer(200, { apiKey });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const put = (id: string, expires: string) =>
  keys.set(id, { id, expires: secondsOf(expires), description: 'Reads the registry' });
const run = (keyIds: readonly string[], apiId = 'api') =>
  createRenewalHandler({
    apiId,
    keyIds,
    appsync: createKeyClient({ region: 'eu-west-1', fetch, endpoint }),
    now: () => now,
    log: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  })();
const daysLeft = () => lines.find((line) => 'ApiKeyDaysLeft' in line);

test('renews what is due under the same id, and writes the days of the key that expires first as a metric', async () => {
  put('da2-first-key', '2027-02-01T00:00:00Z');
  put('da2-second-key', '2027-11-01T00:00:00Z');
  put('da2-foreign-key', '2026-12-01T00:00:00Z');
  await run(['da2-first-key', 'da2-second-key']);
  expect([...keys.values()]).toEqual([
    { id: 'da2-first-key', expires: secondsOf('2027-11-01T00:00:00Z'), description: 'Reads the registry' },
    { id: 'da2-second-key', expires: secondsOf('2027-11-01T00:00:00Z'), description: 'Reads the registry' },
    { id: 'da2-foreign-key', expires: secondsOf('2026-12-01T00:00:00Z'), description: 'Reads the registry' },
  ]);
  expect(lines[0]).toEqual({ renewed: 'da2-firs…', until: '2027-11-01T00:00:00.000Z' });
  expect(daysLeft()).toEqual({
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: 'AmplifyDiscovery',
          Dimensions: [['ApiId']],
          Metrics: [{ Name: 'ApiKeyDaysLeft', Unit: 'Count' }],
        },
      ],
    },
    ApiId: 'api',
    ApiKeyDaysLeft: 339,
  });
});

test('a key that can\u2019t be renewed fails the run, after the others were renewed and the metric says how long it has left', async () => {
  put('da2-first-key', '2026-12-10T12:00:00Z');
  put('da2-second-key', '2027-02-01T00:00:00Z');
  refusals.set('da2-first-key', 403);
  await expect(run(['da2-first-key', 'da2-second-key'])).rejects.toMatchObject({
    code: 'RegistryDenied',
    message: 'API key da2-firs… could not be renewed: AppSync answered HTTP 403, {"message":"not authorized"}',
  });
  expect(keys.get('da2-second-key')?.expires).toBe(secondsOf('2027-11-01T00:00:00Z'));
  expect(daysLeft()?.ApiKeyDaysLeft).toBe(14);
});

test('a key that AppSync has deleted has no day left, and the reason says what to do', async () => {
  put('da2-second-key', '2027-11-01T00:00:00Z');
  await expect(run(['da2-first-key', 'da2-second-key'])).rejects.toMatchObject({
    message: 'API key da2-firs… is gone: deploy the registry with another one',
  });
  expect(daysLeft()?.ApiKeyDaysLeft).toBe(0);
});

test('where the keys can\u2019t be listed there is no metric, which is what the alarm on silence is for', async () => {
  await expect(run(['da2-first-key'], 'other')).rejects.toMatchObject({
    code: 'RegistryUnavailable',
    message: expect.stringContaining('HTTP 404'),
  });
  expect(lines).toEqual([]);
});

test('no log line has a key in it', async () => {
  put('da2-first-key', '2027-02-01T00:00:00Z');
  refusals.set('da2-first-key', 500);
  await run(['da2-first-key', 'da2-gone-key']).catch(() => {});
  expect(lines.length).toBeGreaterThan(1);
  expect(JSON.stringify(lines)).not.toMatch(/da2-(first|gone)-key/);
});

import { DiscoveryError } from '@amplify-discovery/core';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  createConsoleHandler,
  type ConsoleAction,
  type ConsoleBackend,
  type ConsoleHandler,
  type Overview,
  type StageChange,
} from '../src/index.ts';

const origin = 'http://127.0.0.1:4440';
const page = {
  type: 'text/html; charset=utf-8',
  bytes: new Uint8Array(new TextEncoder().encode('<!doctype html>')).buffer,
};
const overview: Overview = {
  registry: 'https://registry.example.com/graphql',
  stages: ['dev'],
  endpoints: [],
  findings: [],
  unchecked: [],
  mayWrite: true,
  hasHistory: true,
};
const change: StageChange = {
  time: '2030-01-01T00:00:00.000Z',
  stage: 'dev',
  service: 'users',
  id: 'default',
  change: 'updated',
  fields: ['target'],
  target: 'https://users.example.com',
};

let now: number;
let written: string[];
let planned: ConsoleAction[];
let isWatched: boolean;
let backend: ConsoleBackend;
let handler: ConsoleHandler;

beforeEach(() => {
  [now, written, planned, isWatched] = [0, [], [], false];
  backend = {
    readOverview: () => Promise.resolve(overview),
    async *watch() {
      isWatched = true;
      for (const id of ['first', 'second']) yield { ...change, id };
      isWatched = false;
    },
    plan(action) {
      planned.push(action);
      return Promise.resolve({ lines: ['one line'], write: async () => void written.push(action.kind) });
    },
    readHistory: (stage) => Promise.resolve([{ version: `of ${stage}`, writtenAt: '', endpoints: 0, differences: [] }]),
  };
  handler = createConsoleHandler({ backend, files: new Map([['/index.html', page]]), now: () => now });
});

interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly session?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly from?: string;
}

function call(path: string, { method = 'GET', body, session, headers, from = origin }: Call = {}): Promise<Response> {
  return handler.handle(
    new Request(`${from}${path}`, {
      method,
      headers: {
        ...(method !== 'GET' && { origin }),
        ...(session !== undefined && { 'x-console-session': session }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  );
}

async function openByLink(link: string): Promise<string> {
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token');
  const response = await call('/api/sessions', { method: 'POST', body: { token } });
  const { session } = (await response.json()) as { session?: string };
  return session ?? `refused with ${response.status}`;
}
const openSession = () => openByLink(handler.createLink(origin));
const readError = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;

test('a link opens one session, once, within ten minutes', async () => {
  const link = handler.createLink(origin);
  const session = await openByLink(link);
  expect((await call('/api/overview', { session })).status).toBe(200);
  expect(await openByLink(link)).toBe('refused with 401');
  const late = handler.createLink(origin);
  now += 10 * 60_000;
  expect(await openByLink(late)).toBe('refused with 401');
  // The session itself goes on.
  expect((await call('/api/overview', { session })).status).toBe(200);
});

describe('without a session nothing is answered but the page', () => {
  test.each([
    ['GET', '/api/overview'],
    ['GET', '/api/changes'],
    ['GET', '/api/history?stage=dev'],
    ['POST', '/api/plans'],
    ['POST', '/api/writes'],
    ['GET', '/api/nothing'],
    ['GET', '/api/constructor'],
  ])('%s %s', async (method, path) => {
    for (const session of [undefined, '', 'guessed', 'constructor', '__proto__']) {
      const body = method === 'POST' ? { body: {} } : {};
      const response = await call(path, { method, ...body, ...(session !== undefined && { session }) });
      expect([response.status, await readError(response)]).toEqual([401, 'SessionUnknown']);
    }
    expect([planned, written, isWatched]).toEqual([[], [], false]);
  });

  test('the page and where it asks', async () => {
    expect(await (await call('/settings.json')).json()).toEqual({ mode: 'host' });
    const response = await call('/');
    expect([response.status, await response.text()]).toEqual([200, '<!doctype html>']);
    expect((await call('/package.json')).status).toBe(404);
    expect((await call('/constructor')).status).toBe(404);
    expect((await call('/', { method: 'PUT' })).status).toBe(405);
  });
});

describe('is refused although the session is known', () => {
  test.each<[string, Call]>([
    ['a rebound host', { from: 'http://evil.example:4440' }],
    ['a host that begins alike', { from: 'http://127.0.0.1.evil.example:4440' }],
    ['another origin', { headers: { origin: 'https://evil.example' } }],
    ['another port of this machine', { headers: { origin: 'http://127.0.0.1:3000' } }],
    ['the same machine by another name', { headers: { origin: 'http://localhost:4440' } }],
    ['an opaque origin', { headers: { origin: 'null' } }],
    ['what a browser marks as cross-site', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['what a browser marks as same-site', { headers: { 'sec-fetch-site': 'same-site' } }],
  ])('%s', async (_name, how) => {
    const session = await openSession();
    expect(await readError(await call('/api/overview', { session, ...how }))).toBe('Forbidden');
    expect(await readError(await call('/api/plans', { method: 'POST', body: {}, session, ...how }))).toBe('Forbidden');
  });

  test('a write that does not say where it comes from', async () => {
    const session = await openSession();
    const headers = { 'x-console-session': session };
    const request = new Request(`${origin}/api/plans`, { method: 'POST', headers, body: '{}' });
    expect((await handler.handle(request)).status).toBe(403);
  });
});

test('every answer forbids inline code, other hosts, framing and caching', async () => {
  const session = await openSession();
  const paths = [['/'], ['/nothing'], ['/api/overview', session], ['/api/overview']] as const;
  for (const [path, known] of paths) {
    const { headers } = await call(path, known === undefined ? {} : { session: known });
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

describe('changes', () => {
  const shift = { kind: 'shift', stage: 'dev', service: 'users', shares: { canary: 10 } };
  const plan = (session: string, body: unknown) => call('/api/plans', { method: 'POST', body, session });
  const write = (session: string, id: unknown) => call('/api/writes', { method: 'POST', body: { id }, session });

  test('are written once, after their plan was shown, and not long after', async () => {
    const session = await openSession();
    const { id, lines } = (await (await plan(session, shift)).json()) as { id: string; lines: string[] };
    expect([planned, lines, written]).toEqual([[shift], ['one line'], []]);
    expect((await write(session, id)).status).toBe(200);
    expect(written).toEqual(['shift']);
    expect(await readError(await write(session, id))).toBe('PlanExpired');

    const later = (await (await plan(session, shift)).json()) as { id: string };
    now += 10 * 60_000;
    expect(await readError(await write(session, later.id))).toBe('PlanExpired');
    for (const forged of [undefined, null, 7, {}, 'constructor', '__proto__'])
      expect(await readError(await write(session, forged))).toBe('PlanExpired');
    expect(written).toEqual(['shift']);
  });

  const removal = { kind: 'deregister', stage: 'dev', service: 'a', id: 'b', token: 't', reason: ' ' };
  test.each<[string, unknown, RegExp]>([
    ['an unknown kind', { kind: 'drop', stage: 'dev' }, /kind/],
    ['a bad name', { ...shift, service: '../users' }, /service: is not a valid name/],
    ['a share above all', { ...shift, shares: { canary: 101 } }, /shares\.canary/],
    ['a share that is text', { ...shift, shares: { canary: '10' } }, /shares\.canary/],
    ['a removal without a reason', removal, /reason: is missing/],
    ['a time without a reason', { ...shift, time: { for: '2h' } }, /reason/],
  ])('%s is refused with what is wrong', async (_name, body, message) => {
    const response = await plan(await openSession(), body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(message);
    expect(planned).toEqual([]);
  });

  test.each([['not JSON'], ['7'], ['null']])('the body %s, which is not an object, is refused', async (body) => {
    expect(await readError(await plan(await openSession(), body))).toBe('BadRequest');
  });

  test('a body of more than 64 KB is refused', async () => {
    const response = await plan(await openSession(), { ...shift, reason: 'x'.repeat(70_000) });
    expect([response.status, await readError(response)]).toEqual([413, 'RequestTooLarge']);
  });

  test('a failure keeps its code and advice', async () => {
    const error = new DiscoveryError('RegistryDenied', 'a rule forbids it');
    const failing = { ...backend, plan: () => Promise.reject(error) };
    handler = createConsoleHandler({ backend: failing, files: new Map() });
    const response = await plan(await openSession(), shift);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      error: { code: 'RegistryDenied', message: 'a rule forbids it', advice: error.recoverySuggestion },
    });
  });

  test('are not offered where the backend only reads', async () => {
    const { readOverview, watch } = backend;
    handler = createConsoleHandler({ backend: { readOverview, watch }, files: new Map() });
    const session = await openSession();
    expect((await plan(session, shift)).status).toBe(405);
    expect((await call('/api/history?stage=dev', { session })).status).toBe(405);
  });
});

test('changes arrive as lines, and the answer ends with them', async () => {
  const session = await openSession();
  const response = await call('/api/changes', { session });
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  expect(lines.map((line) => (JSON.parse(line) as StageChange).id)).toEqual(['first', 'second']);
});

test('watching ends when the page is closed', async () => {
  async function* watch(): AsyncGenerator<StageChange> {
    isWatched = true;
    try {
      for (;;) yield change;
    } finally {
      isWatched = false;
    }
  }
  handler = createConsoleHandler({ backend: { ...backend, watch }, files: new Map() });
  const session = await openSession();
  const { body } = await call('/api/changes', { session });
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  // The first line only says that it is connected.
  await reader.read();
  await reader.read();
  expect(isWatched).toBe(true);
  await reader.cancel();
  expect(isWatched).toBe(false);
});

test('the history of a stage needs the stage', async () => {
  const session = await openSession();
  expect(await (await call('/api/history?stage=dev', { session })).json()).toMatchObject([{ version: 'of dev' }]);
  expect(await readError(await call('/api/history', { session }))).toBe('BadRequest');
});

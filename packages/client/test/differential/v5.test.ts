import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Source } from '@amplify-discovery/core';
import { discover } from 'amplify-discovery';
import { API } from 'amplify-discovery/v5';
import { Amplify } from 'aws-amplify';
import fc from 'fast-check';
import { memoryStorage } from '../start-environment.ts';
import { differences } from './differences.ts';
import { startTarget, type Answer, type Target, type WireRequest } from './start-target.ts';
import { unrefTimers } from './unref-timers.ts';
import { v5Case, v5Services, type V5Case } from './v5-case.ts';

/** Where `npm run test:v5` has installed the real one. */
const folder = join(process.env.AMPLIFY_V5 ?? 'not-installed', 'node_modules');
const isInstalled = existsSync(folder);
const { DIFFERENTIAL_RUNS: runs = '1000', DIFFERENTIAL_SEED: seed = `${Date.now()}` } = process.env;

/** As much of v5's RestAPI as is used here. */
interface RealApi extends Record<V5Case['verb'], (apiName: string, path: string, init?: unknown) => Promise<unknown>> {
  Credentials: { get(): Promise<unknown> };
  configure(options: object): object;
  isCancel(error: unknown): boolean;
  cancel(call: Promise<unknown>, message?: string): boolean;
  hasCancelToken(call: Promise<unknown>): boolean;
  endpoint(apiName: string): Promise<string>;
}

// This ends what hangs; a thousand calls may take long on a slow machine.
jest.setTimeout(300_000);

/** Calls under way at a time, each with a target of its own. */
const breadth = 100;
let targets: Target[];
let real: RealApi;

let restoreTimers = () => {};

beforeAll(async () => {
  if (!isInstalled) return;
  restoreTimers = unrefTimers();
  targets = await Promise.all(Array.from({ length: breadth }, startTarget));
  const { RestAPIClass } = (await import(join(folder, '@aws-amplify/api-rest'))) as {
    RestAPIClass: new (options: null) => RealApi;
  };
  // These tests don't use the machine's proxy.
  const { default: axios } = (await import(join(folder, 'axios'))) as { default: { defaults: { proxy: false } } };
  axios.defaults.proxy = false;
  real = new RestAPIClass(null);
});
afterAll(async () => {
  restoreTimers();
  await Promise.all((targets ?? []).map((target) => target.stop()));
});

const services = Object.entries(v5Services) as [
  string,
  Partial<(typeof v5Services)['ownHeaders']> & { discovered: boolean },
][];

/** v5's `API.endpoints` with the services of every target. */
function listEndpoints(wanted: (discovered: boolean) => boolean) {
  return targets.flatMap(({ url }, index) =>
    services
      .filter(([, { discovered }]) => wanted(discovered))
      .map(([name, { suffix, region, service, custom }]) => ({
        name: `${name}-${index}`,
        endpoint: `${url}${suffix}`,
        ...(region && { region, service }),
        ...(custom && { custom_header: async () => custom }),
      })),
  );
}

interface Observation {
  readonly wire: readonly object[];
  readonly outcome: 'resolved' | 'rejected';
  readonly value: unknown;
  /** As the caller got it; not compared, since not enumerable. */
  readonly raw?: unknown;
}

async function observe(
  api: Pick<RealApi, V5Case['verb'] | 'cancel' | 'isCancel'>,
  one: V5Case,
  index: number,
): Promise<Observation> {
  const target = targets[index] as Target;
  target.plan(one.answers);
  const init = one.init && one.init();
  const call = api[one.verb](`${one.service}-${index}`, one.path, init);
  const cancel = () => api.cancel(call, one.cancelling?.message);
  if (one.cancelling?.when === 'at once') cancel();
  if (one.cancelling?.when === 'on arrival') void target.arrival.then(cancel);
  const settled = await call.then(
    (value) => ({
      outcome: 'resolved' as const,
      raw: value,
      value: init?.response ? describeResponse(value) : describeData(value),
    }),
    (error: unknown) => ({ outcome: 'rejected' as const, raw: error, value: describeError(error, api) }),
  );
  const { raw, ...observation } = { wire: describeWire(target.requests), ...settled };
  return Object.defineProperty(observation, 'raw', { value: raw });
}

/** What callers decide about a request. What else is sent is the platform's: v5 ran on XMLHttpRequest and on Node's http. */
function describeWire(requests: readonly WireRequest[]): object[] {
  const platform =
    /^(accept: \*\/\*$|(host|connection|accept-(encoding|language)|user-agent|sec-fetch-mode|content-length|transfer-encoding|x-amz-date):)/i;
  return requests.map(({ headers, ...request }) => ({
    ...request,
    headers: headers
      .filter((header) => !platform.test(header))
      .map((header) =>
        header
          .replace(/^[\w-]+/, (name) => name.toLowerCase())
          .replace(/, SignedHeaders=.*/, '')
          .replace(/boundary=.*/, 'boundary'),
      )
      .sort(),
  }));
}

function describeData(data: unknown): unknown {
  return ArrayBuffer.isView(data) || Object.prototype.toString.call(data) === '[object ArrayBuffer]'
    ? { bytes: Buffer.from(data as ArrayBuffer).toString('hex') }
    : data;
}

function describeResponse(response: unknown): unknown {
  const { data, status, headers } = response as { data: unknown; status: number; headers: Record<string, string> };
  const { date: _, connection: __, 'keep-alive': ___, 'transfer-encoding': ____, ...steady } = { ...headers };
  return { data: describeData(data), status, headers: steady };
}

function describeError(error: unknown, api: Pick<RealApi, 'isCancel'>): unknown {
  if (typeof error !== 'object' || !error) return error;
  const { name, message, code, response } = error as Error & { code?: string; response?: unknown };
  return {
    name,
    message,
    code,
    isCancelled: api.isCancel(error),
    ...(response !== undefined && { response: describeResponse(response) }),
  };
}

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };

/** What the real one does. Its credentials belong to all calls, so those with and those without take turns. */
async function observeReal(cases: readonly V5Case[]): Promise<Observation[]> {
  const observed: Observation[] = [];
  for (const isSignedIn of [true, false]) {
    real.Credentials = { get: async () => (isSignedIn ? credentials : Promise.reject(new Error('nobody'))) };
    real.configure({ endpoints: listEndpoints(() => true) });
    await Promise.all(
      cases.map(async (one, index) => {
        if (one.isSignedIn === isSignedIn) observed[index] = await observe(real, one, index);
      }),
    );
  }
  return observed;
}

async function observeOurs(cases: readonly V5Case[]): Promise<Observation[]> {
  const endpoints = listEndpoints((discovered) => discovered).map(({ name, endpoint }) => ({
    service: name,
    kind: 'http',
    target: endpoint,
  }));
  const source: Source = { name: 'source', load: async () => ({ revision: '1', endpoints }) };
  const config = { API: { endpoints: listEndpoints((discovered) => !discovered) } };
  const options = {
    source,
    stage: 'Production',
    trustedHosts: ['127.0.0.1:*'],
    recheckSeconds: 0,
    storage: memoryStorage(),
  };
  const resourcesConfig = await discover(config, options);
  const observed: Observation[] = [];
  for (const isSignedIn of [true, false]) {
    const getCredentialsAndIdentityId = async () => (isSignedIn ? { credentials } : undefined);
    Amplify.configure(resourcesConfig, {
      Auth: { credentialsProvider: { getCredentialsAndIdentityId, clearCredentialsAndIdentityId() {} } },
    });
    await Promise.all(
      cases.map(async (one, index) => {
        if (one.isSignedIn === isSignedIn) observed[index] = await observe(API as never, one, index);
      }),
    );
  }
  return observed;
}

/** What ours should have done, given what v5 did: the same, but for intended differences, which are named here. Undefined where v5 does nothing. */
function expectFrom(real: Observation, { verb, service, cancelling, ...one }: V5Case): object | undefined {
  const init = one.init?.();
  const { message } = Object(real.value) as Partial<Error>;
  // "unknown name, cancelled"
  if (service === 'nobody' && cancelling) return { ...real, value: expect.objectContaining({ isCancelled: true }) };
  // "signed header"
  if (/trim is not a function/.test(`${message}`)) return undefined;
  const hasNoBody = verb === 'get' || verb === 'head';
  const hasOwnType = /"content-type"/i.test(JSON.stringify(init?.headers ?? {}));
  const wire = real.wire.map((request) => {
    const { headers, body } = request as { headers: string[]; body: string };
    // "no body"
    const isLeftOut = (header: string) =>
      (!init?.body && !hasOwnType && header === 'content-type: application/x-www-form-urlencoded') ||
      (hasNoBody && header.startsWith('content-type: multipart/form-data'));
    // "GET with a body", "no body"
    const isEmpty = hasNoBody || !init?.body;
    return { ...request, headers: headers.filter((header) => !isLeftOut(header)), body: isEmpty ? '' : body };
  });
  // On a busy machine the time may be up before anything is sent.
  if (/^timeout of/.test(`${message}`)) return { ...real, wire: expect.anything() };
  // "no connection"
  if (/socket hang up|ECONNRESET/.test(`${message}`)) {
    return {
      wire,
      outcome: 'rejected',
      value: { name: 'AxiosError', message: 'Network Error', code: 'ERR_NETWORK', isCancelled: false },
    };
  }
  return { ...real, wire };
}

const whenInstalled = isInstalled ? describe : describe.skip;

const simpleCase: V5Case = {
  verb: 'get',
  service: 'stage',
  path: '/users',
  init: undefined,
  isSignedIn: false,
  answers: [{ kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: '{"a":1}' }],
  cancelling: undefined,
};

/** What one call does with v5, and with ours. */
async function observeBoth(change: Partial<V5Case>): Promise<readonly [Observation, Observation]> {
  const one = { ...simpleCase, ...change };
  const [expected] = await observeReal([one]);
  const [called] = await observeOurs([one]);
  return [expected, called] as [Observation, Observation];
}

async function compareCalls(): Promise<void> {
  const cases = fc.sample(v5Case, { numRuns: Number(runs), seed: Number(seed) });
  for (let start = 0; start < cases.length; start += breadth) {
    const some = cases.slice(start, start + breadth);
    const expected = await observeReal(some);
    const called = await observeOurs(some);
    for (const [index, one] of some.entries()) {
      const about = { seed, call: { ...one, init: one.init?.() } };
      const wanted = expectFrom(expected[index] as Observation, one);
      if (wanted) expect({ about, ...called[index] }).toEqual({ about, ...wanted });
    }
  }
}

whenInstalled('API, beside the real Amplify v5 (which `npm run test:v5` installs)', () => {
  test(`does the same in ${runs} generated calls`, compareCalls);

  test('corrects a clock that is wrong as v5 does: one repeat, and every later call right at once', async () => {
    const [target] = targets as [Target];
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const refusal = { date, 'x-amzn-errortype': 'BadRequestException' };
    const answers: Answer[] = [
      { kind: 'answer', status: 403, headers: refusal, body: '{"message":"Signature expired"}' },
      { kind: 'answer', status: 200, headers: { date }, body: '{"ok":true}' },
    ];
    const input: V5Case = { ...simpleCase, isSignedIn: true, answers };
    const hoursAhead = () => target.dates.map((text) => Math.round((readDate(text) - Date.now()) / 3_600_000) + 0);
    for (const observeAll of [observeReal, observeOurs]) {
      expect(await observeAll([input])).toMatchObject([{ outcome: 'resolved', value: { ok: true } }]);
      expect(hoursAhead()).toEqual([0, 1]);
      expect(await observeAll([{ ...input, answers: answers.slice(1) }])).toMatchObject([{ value: { ok: true } }]);
      expect(hoursAhead()).toEqual([1]);
    }
  });

  test('does the same by a corrected clock', compareCalls);

  test('knows of its calls and endpoints what v5 knows', async () => {
    const endpoints = listEndpoints(() => true).slice(0, 4);
    const [listed] = endpoints as [{ name: string; endpoint: string }];
    real.configure({ endpoints });
    API.configure({ endpoints });
    const known = [];
    for (const api of [real, API as unknown as RealApi]) {
      const call = api.get(listed.name, '/users');
      known.push([
        api.hasCancelToken(call),
        api.hasCancelToken(Promise.resolve()),
        api.cancel(call),
        api.cancel(Promise.resolve()),
        api.isCancel(await call.catch((error: unknown) => error)),
        api.isCancel(new Error('other')),
        await api.endpoint(listed.name),
        await api.endpoint('nobody'),
      ]);
    }
    expect(known[1]).toEqual(known[0]);
    API.configure({ endpoints: [] });
  });
});

function readDate(text: string): number {
  return Date.parse(text.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
}

const codeOf = ({ value }: Observation) => Object(value).code ?? Object(value).name ?? value;
const targetsOf = ({ wire }: Observation) => wire.map((request) => (request as WireRequest).target);
const headersOf = ({ wire }: Observation, name: string) =>
  wire.map((request) => (request as WireRequest).headers.find((header) => header.startsWith(`${name}:`)));
const bodiesOf = ({ wire }: Observation) => wire.map((request) => (request as WireRequest).body);

/** Shows that each intended difference is one. Those of the verbs are shown in `v6.test.ts`. */
const witnesses: Record<string, () => Promise<void>> = {
  async 'cancelled name'() {
    const cancelling = { when: 'at once', message: undefined } as const;
    const both = await observeBoth({ service: 'nobody', cancelling });
    expect(both.map(codeOf)).toEqual(['API nobody-0 does not exist', 'ERR_CANCELED']);
  },
  async slash() {
    const both = await observeBoth({ path: 'users' });
    expect(both.map(targetsOf)).toEqual([['/produsers'], ['/prod/users']]);
  },
  async 'way out'() {
    const [expected, called] = await observeBoth({ path: '/../admin' });
    expect([targetsOf(expected), targetsOf(called), codeOf(called)]).toEqual([['/admin'], [], 'InvalidPath']);
  },
  async 'odd header'() {
    const init = () => ({ headers: { 'x-trace': 1 } });
    const [expected, called] = await observeBoth({ isSignedIn: true, init });
    expect([codeOf(expected), headersOf(called, 'x-trace')]).toEqual(['TypeError', ['x-trace: 1']]);
  },
  async 'lower case'() {
    const init = () => ({ headers: { authorization: 'Bearer t' } });
    const [expected, called] = await observeBoth({ isSignedIn: true, init });
    expect(headersOf(expected, 'authorization')).toEqual([expect.stringContaining('AWS4-HMAC-SHA256')]);
    expect(headersOf(called, 'authorization')).toEqual(['authorization: Bearer t']);
  },
  async 'no body'() {
    const both = await observeBoth({ verb: 'post' });
    const form = 'content-type: application/x-www-form-urlencoded';
    expect(both.map((one) => headersOf(one, 'content-type'))).toEqual([[form], [undefined]]);
  },
  async 'null body'() {
    const init = () => ({ headers: { 'Content-Type': 'application/json' } });
    expect((await observeBoth({ verb: 'post', init })).map(bodiesOf)).toEqual([['null'], ['']]);
  },
  async 'no type'() {
    const init = () => ({ headers: { 'Content-Type': null }, body: {} });
    const both = await observeBoth({ verb: 'del', init });
    const json = 'content-type: application/json; charset=UTF-8';
    expect(both.map((one) => headersOf(one, 'content-type'))).toEqual([[undefined], [json]]);
  },
  async form() {
    const init = () => {
      const body = new FormData();
      body.append('name', 'Ada');
      return { headers: { 'Content-Type': 'application/json' }, body };
    };
    const both = await observeBoth({ verb: 'post', init });
    expect(both.map(bodiesOf)).toEqual([['{"name":"Ada"}'], [expect.stringContaining('BOUNDARY')]]);
  },
  async GET() {
    const both = await observeBoth({ init: () => ({ body: { a: 1 } }) });
    expect(both.map(bodiesOf)).toEqual([['{"a":1}'], ['']]);
  },
  async prototype() {
    const init = () => ({ queryStringParameters: JSON.parse('{"__proto__":1}') as object });
    expect((await observeBoth({ init })).map(targetsOf)).toEqual([['/prod/users'], ['/prod/users?__proto__=1']]);
  },
  async 'no connection'() {
    const both = await observeBoth({ answers: [{ kind: 'reset' }] });
    expect(both.map(codeOf)).toEqual(['ECONNRESET', 'ERR_NETWORK']);
  },
  async response() {
    const init = () => ({ response: true });
    const [expected, called] = await observeBoth({ init });
    expect([expected, called].map(({ raw }) => Object.keys(raw as object).sort())).toEqual([
      ['config', 'data', 'headers', 'request', 'status', 'statusText'],
      ['data', 'headers', 'status'],
    ]);
  },
  async error() {
    const answers: Answer[] = [{ kind: 'answer', status: 404, headers: {}, body: '' }];
    const [expected, called] = await observeBoth({ answers });
    const [axios, own] = [expected, called].map(({ raw }) => Object.keys(raw as object).sort());
    expect(axios).toEqual(expect.arrayContaining(['config', 'request', 'response', 'status']));
    expect(own).toEqual(['code', 'name', 'response', 'status']);
  },
  async blob() {
    const [expected, called] = await observeBoth({ init: () => ({ responseType: 'blob' }) });
    expect([typeof expected.value, Object.prototype.toString.call(called.value)]).toEqual(['string', '[object Blob]']);
  },
  async signer() {
    const init = () => ({ signerServiceInfo: { service: 'lambda', region: 'eu-west-1' } });
    const both = await observeBoth({ isSignedIn: true, init });
    expect(both.map((one) => /TODAY\/(.*)\/aws4/.exec(`${headersOf(one, 'authorization')}`)?.[1])).toEqual([
      'eu-west-1/lambda',
      'us-east-1/execute-api',
    ]);
  },
};

/** Shown by the tests of the verbs, or of `API.graphql`. */
const shownElsewhere = ['moved', 'unlisted host', 'timeout', 'subscription'];

test('each intended difference from v5 has a test', () => {
  expect([...Object.keys(witnesses), ...shownElsewhere].sort()).toEqual(differences.v5.map(({ id }) => id).sort());
});

whenInstalled('the intended difference from v5', () => {
  test.each(Object.entries(witnesses))('"%s" is one', (_, witness) => witness());
});

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Source } from '@amplify-discovery/core';
import { createDiscovery, discover } from 'amplify-discovery';
import * as ours from 'amplify-discovery/api';
import { Amplify, createAmplifyContext, type AmplifyContext, type ResourcesConfig } from 'aws-amplify';
import * as amplify from 'aws-amplify/api';
import fc from 'fast-check';
import nock from 'nock';
import { memoryStorage } from '../start-environment.ts';
import { differences } from './differences.ts';
import { observeCall, type Observation } from './observe-call.ts';
import { startTarget, type Target } from './start-target.ts';
import { unrefTimers } from './unref-timers.ts';
import { describeCase, services, v6Case, type V6Case } from './v6-case.ts';

/** How many calls are compared, and how they are chosen. More find more; a seed repeats them. */
const { DIFFERENTIAL_RUNS: runs = '1000', DIFFERENTIAL_SEED: seed = `${Date.now()}` } = process.env;

// This ends what hangs; a thousand calls may take long on a slow machine.
jest.setTimeout(300_000);

/** Calls under way at a time, each with a target of its own. */
const breadth = 250;
let targets: Target[];
let restoreTimers: () => void;

beforeAll(async () => {
  restoreTimers = unrefTimers();
  targets = await Promise.all(Array.from({ length: breadth }, startTarget));
});
afterAll(async () => {
  restoreTimers();
  // It patches http and fetch of the whole process, which the next test file of this worker would meet.
  nock.restore();
  await Promise.all(targets.map((target) => target.stop()));
});

interface Service {
  readonly discovered: boolean;
  readonly suffix: string;
  readonly region?: string;
  readonly service?: string;
}

/** A target's services: those that discovery finds, or those that the app lists itself. */
function listServices(
  discovered: boolean,
  index: number,
): (Omit<Service, 'discovered' | 'suffix'> & { name: string; url: string })[] {
  const wanted = Object.entries(services as Record<string, Service>).filter(([, one]) => one.discovered === discovered);
  return wanted.map(([name, { suffix, region, service }]) => ({
    name: `${name}-${index}`,
    url: `${(targets[index] as Target).url}${suffix}`,
    ...(region && { region }),
    ...(service && { service }),
  }));
}

/** Those of all targets. */
const listAll = (discovered: boolean) => targets.flatMap((_, index) => listServices(discovered, index));

function configOf(...listed: ReturnType<typeof listServices>): ResourcesConfig {
  return {
    API: { REST: Object.fromEntries(listed.map(({ name, url, ...more }) => [name, { endpoint: url, ...more }])) },
  };
}

function sourceOf(listed: ReturnType<typeof listServices>, wait = async () => {}): Source {
  const endpoints = listed.map(({ name, url, region, service }) => ({
    service: name,
    kind: 'http',
    target: url,
    region,
    signingService: service,
  }));
  return { name: 'source', load: () => wait().then(() => ({ revision: '1', endpoints })) };
}

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const libraries: Record<V6Case['library'], NonNullable<Parameters<typeof createAmplifyContext>[1]>> = {
  none: {},
  signed: {
    Auth: {
      credentialsProvider: {
        getCredentialsAndIdentityId: async () => ({ credentials }),
        clearCredentialsAndIdentityId() {},
      },
    },
  },
  headers: { API: { REST: { headers: async ({ apiName }) => ({ 'x-library': apiName, 'X-Trace': 'library' }) } } },
  'no retry': { API: { REST: { retryStrategy: { strategy: 'no-retry' }, timeout: () => 20_000 } } },
  unsigned: { API: { REST: { defaultAuthMode: 'none' } } },
};

/** Makes the calls all at once and returns what each of them did. */
function observeCalls(
  cases: readonly V6Case[],
  verbs: Record<V6Case['verb'], unknown>,
  contextOf: (one: V6Case, index: number) => AmplifyContext,
): Promise<Observation[]> {
  return Promise.all(
    cases.map((one, index) => {
      const target = targets[index] as Target;
      target.plan(one.answers);
      const { service, path, options, form, reading, cancelling } = one;
      const input = { apiName: `${service}-${index}`, path, ...(options && { options: options() }) };
      const verb = verbs[one.verb] as (...args: unknown[]) => unknown;
      const context = contextOf(one, index);
      const start = {
        input: () => verb(input),
        'context, input': () => verb(context, input),
        'as a callback': () => [input].map(verb)[0],
        'undefined, input': () => verb(undefined, input),
        'input, context': () => verb(input, context),
        nothing: () => verb(),
      }[form];
      return observeCall(start, target, reading, cancelling);
    }),
  );
}

const isDiscovered = ({ service }: V6Case) => service !== 'nobody' && services[service].discovered;

function observePlain(cases: readonly V6Case[]): Promise<Observation[]> {
  Amplify.configure(configOf(...listAll(true), ...listAll(false)));
  const comparable = cases.map((one) =>
    // Difference: "slash".
    one.pathKind === 'relative' && isDiscovered(one) ? { ...one, path: `/${one.path}` } : one,
  );
  return observeCalls(comparable, amplify, ({ library }, index) =>
    createAmplifyContext(configOf(...listServices(true, index), ...listServices(false, index)), libraries[library]),
  );
}

async function observeOurs(cases: readonly V6Case[]): Promise<Observation[]> {
  const options = { stage: 'Production', trustedHosts: ['127.0.0.1:*'], recheckSeconds: 0 };
  const warm = { ...options, source: sourceOf(listAll(true)), storage: memoryStorage() };
  Amplify.configure(await discover(configOf(...listAll(false)), warm));
  return observeCalls(cases, ours, ({ library, isCold }, index) => {
    const context = createAmplifyContext(configOf(...listServices(false, index)), libraries[library]);
    if (!isCold) return context;
    const source = sourceOf(listServices(true, index), () => new Promise((resolve) => setImmediate(resolve)));
    return createDiscovery({ ...options, source, storage: memoryStorage() }).context(context);
  });
}

/** What ours should have done, given what plain Amplify did: the same, but for intended differences, which are named here. */
function expectFrom(plain: Observation, one: V6Case): object {
  if (plain.outcome === 'threw') return plain;
  const { name, isCancelled } = plain.value as { name?: string; isCancelled?: boolean };
  const refused = (code: string) => ({ wire: [], outcome: 'rejected', value: expect.objectContaining({ code }) });
  // "unknown name"
  if (one.service === 'nobody' && name === 'InvalidApiName') return refused('ServiceNotFound');
  // "way out"
  if (one.pathKind === 'climbing' && isDiscovered(one)) return refused('InvalidPath');
  // "host"
  if (one.service === 'own' && /^[^/?#]/.test(one.path)) {
    return isCancelled ? { wire: [], outcome: 'rejected', value: expect.anything() } : refused('InvalidPath');
  }
  // On a busy machine the time may be up before anything is sent.
  if (name === 'TimeoutError') return { ...plain, wire: expect.anything() };
  // "cancel"
  const { cause: _, ...rest } = plain.value as { cause?: string };
  return isCancelled ? { ...plain, value: expect.objectContaining(rest) } : plain;
}

describe('a call by name, beside the same call with plain Amplify', () => {
  test(`does the same in ${runs} generated calls`, async () => {
    const cases = fc.sample(v6Case, { numRuns: Number(runs), seed: Number(seed) });
    for (let start = 0; start < cases.length; start += breadth) {
      const some = cases.slice(start, start + breadth);
      const plain = await observePlain(some);
      const called = await observeOurs(some);
      for (const [index, one] of some.entries()) {
        const about = { seed, call: describeCase(one) };
        const expected = expectFrom(plain[index] as Observation, one);
        expect({ about, ...called[index] }).toEqual({ about, ...expected });
      }
    }
  });
});

const simpleCase: V6Case = {
  verb: 'get',
  service: 'stage',
  path: '/users',
  pathKind: 'plain',
  options: undefined,
  library: 'none',
  form: 'input',
  isCold: false,
  answers: [{ kind: 'answer', status: 200, headers: {}, body: '{}' }],
  reading: [],
  cancelling: undefined,
};

/** What one call does with plain Amplify, and with ours. */
async function observeBoth(change: Partial<V6Case>): Promise<readonly [Observation, Observation]> {
  const one = { ...simpleCase, ...change };
  const [plain] = await observePlain([one]);
  const [called] = await observeOurs([one]);
  return [plain, called] as [Observation, Observation];
}

const targetsOf = ({ wire }: Observation) => wire.map(({ target }) => target);
const codeOf = ({ value }: Observation) => (value as { code?: string; name: string }).code ?? (value as Error).name;

/** Shows that each intended difference is one. */
const witnesses: Record<string, () => Promise<void>> = {
  async 'unknown name'() {
    const both = await observeBoth({ service: 'nobody' });
    expect(both.map(codeOf)).toEqual(['InvalidApiName', 'ServiceNotFound']);
  },
  async slash() {
    const both = await observeBoth({ path: 'users' });
    expect(both.map(targetsOf)).toEqual([['/produsers'], ['/prod/users']]);
  },
  async 'way out'() {
    const [plain, called] = await observeBoth({ path: '/../admin' });
    expect([targetsOf(plain), targetsOf(called)]).toEqual([['/admin'], []]);
    expect(codeOf(called)).toBe('InvalidPath');
  },
  async host() {
    const [other] = targets as [Target];
    other.plan(simpleCase.answers);
    const config = { API: { REST: { users: { endpoint: 'http://127.0.0.1' } } } };
    const input = { apiName: 'users', path: `:${new URL(other.url).port}/users` };
    await amplify.get(createAmplifyContext(config), input).response;
    Amplify.configure(await discover(config, { source: sourceOf([]), stage: 'Production', storage: memoryStorage() }));
    await expect(ours.get(input).response).rejects.toMatchObject({ code: 'InvalidPath' });
    expect(other.requests.map(({ target }) => target)).toEqual(['/users']);
  },
  async 'unlisted host'() {
    const target = 'https://abc123.execute-api.eu-west-1.amazonaws.com';
    const source: Source = {
      name: 'source',
      load: async () => ({ revision: '1', endpoints: [{ service: 'users', kind: 'http', target }] }),
    };
    const input = { apiName: 'users', path: '/', options: { headers: { authorization: 'Bearer t' } } };
    const discovery = createDiscovery({
      source,
      stage: 'Production',
      trustedHosts: ['aws:eu-west-1'],
      storage: memoryStorage(),
    });
    const operation = ours.get(discovery.context(createAmplifyContext({})), input);
    await expect(operation.response).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
    const sent = nock(target, { reqheaders: { authorization: 'Bearer t' } })
      .get('/')
      .reply(200, {});
    await amplify.get(createAmplifyContext({ API: { REST: { users: { endpoint: target } } } }), input).response;
    expect(sent.isDone()).toBe(true);
  },
  async moved() {
    const [gone, moved] = targets.slice(-2) as [Target, Target];
    moved.plan(simpleCase.answers);
    const refusal = { 'x-amzn-errortype': 'ForbiddenException' };
    gone.plan([{ kind: 'answer', status: 403, headers: refusal, body: '{"message":"Forbidden"}' }]);
    const places = [gone.url, moved.url];
    const source: Source = {
      name: 'source',
      async load() {
        const [target = moved.url] = places.splice(0, 1);
        return { revision: target, endpoints: [{ service: 'users', kind: 'http', target }] };
      },
    };
    const options = { stage: 'Production', trustedHosts: ['127.0.0.1:*'], recheckSeconds: 0, storage: memoryStorage() };
    const input = { apiName: 'users', path: '/' };
    const plain = createAmplifyContext({ API: { REST: { users: { endpoint: gone.url } } } });
    await expect(amplify.get(plain, input).response).rejects.toMatchObject({ response: { statusCode: 403 } });
    const discovery = createDiscovery({ ...options, source });
    await ours.get(discovery.context(createAmplifyContext({})), input).response;
    expect([gone.requests.length, moved.requests.length]).toEqual([2, 1]);
  },
  async unconfigured() {
    await jest.isolateModulesAsync(async () => {
      const plain = await import('aws-amplify/api');
      const called = await import('amplify-discovery/api');
      const input = { apiName: 'users', path: '/', options: { timeout: 1 } };
      expect(() => plain.get(input)).toThrow(expect.objectContaining({ name: 'NoAmplifyContextError' }));
      await expect(called.get(input).response).rejects.toMatchObject({ name: 'TimeoutError' });
    });
  },
  async 'first call'() {
    const input = { apiName: 'users', path: '/', options: { timeout: -1 } };
    const message = 'Timeout must be a non-negative number';
    await jest.isolateModulesAsync(async () => {
      const { createAmplifyContext: createContext } = await import('aws-amplify');
      const plain = await import('aws-amplify/api');
      const called = await import('amplify-discovery/api');
      const context = createContext({});
      expect(() => plain.get(context, input)).toThrow(message);
      await expect(called.get(context, input).response).rejects.toThrow(message);
      expect(() => called.get(context, input)).toThrow(message);
    });
  },
  async cancel() {
    const both = await observeBoth({
      isCold: true,
      form: 'context, input',
      cancelling: { when: 'at once', message: undefined },
    });
    expect(both.map(({ value }) => (value as { cause?: string }).cause)).toEqual(['Error', 'InvalidApiName']);
  },
};

describe('the intended difference', () => {
  test('has a test', () => {
    expect(Object.keys(witnesses)).toEqual(differences.v6.map(({ id }) => id));
  });

  test.each(Object.entries(witnesses))('"%s" is one', (_, witness) => witness());
});

import { DiscoveryError, isDiscoveryError, resolveFreshness, showValue, type Source } from '@amplify-discovery/core';
import { forgetDiscovery, replaceDiscovery, type DiscoveryOptions } from 'amplify-discovery/testing';
import { createTestClock, type TestClock } from './create-test-clock.ts';
import { listTestEndpoints, type PlacedEndpoint, type TestEndpoint, type TestServices } from './list-test-endpoints.ts';

/** What the app would say in `discover(outputs, …)`, as far as a test says it instead. */
export interface TestDiscoveryOptions extends Pick<
  DiscoveryOptions,
  'serviceOptions' | 'tenant' | 'services' | 'affinityKey' | 'recheckSeconds'
> {
  /** @default 'test', unless the app's own call of `discover` names another */
  readonly stage?: string | readonly string[] | undefined;
  /** @default this machine's names, and the hosts of the endpoints that are given */
  readonly trustedHosts?: readonly string[] | undefined;
}

/** A request that the app sent to a service. */
export interface TestCall {
  readonly method: string;
  readonly path: string;
  readonly target: string;
  readonly id: string;
  readonly version?: string | undefined;
}

/** A registry in memory, and the app's discovery on it. */
export interface TestDiscovery {
  /** What ages are measured by. Nothing gets older by itself. */
  readonly clock: TestClock;
  /** The same registry for `createDiscovery` and other readers. */
  readonly source: Source;
  /** The service has another endpoint, or none. The app finds out as it does in production: at its next load. */
  moves(service: string, to: TestEndpoint | readonly TestEndpoint[] | undefined): void;
  /**
   * There is no connection to the service's endpoints, or to the one of this id, until it `recovers`. The app does what it does then in
   * production: another endpoint serves the call, or it fails as without a network. `calls` has the attempts, too.
   *
   * @throws DiscoveryError `InvalidOptions` for a service that has no such endpoint.
   */
  unreachable(service: string, id?: string): void;
  /** The registry fails, with this error or with `RegistryUnavailable`, until it `recovers`. */
  fails(error?: DiscoveryError): void;
  /** The registry answers again, and every service can be reached. */
  recovers(): void;
  /** The registry answers nothing until the clock has been moved on by so many seconds. */
  slow(seconds: number): void;
  /** Moves the clock to where what the app has loaded is served and refreshed behind that. */
  stale(): void;
  /** Moves the clock to where what the app has loaded is refreshed before it is served, and served if that fails. */
  expires(): void;
  /** The requests that the app sent to the service, oldest first. Repeats after a failure are among them. */
  calls(service: string): readonly TestCall[];
  /** Everything is as it was when `testDiscovery` returned; nothing is loaded. */
  reset(): void;
}

/** This machine by all its names. */
const loopback = ['127.0.0.1:*', 'localhost:*', '[::1]:*'];

/**
 * Takes the place of `discover` in a test: calls by name go to these endpoints, with the real selection, trust and caching, and no
 * request of discovery. An app that calls `discover(outputs, options)` itself gets this, with its own options.
 *
 * @throws DiscoveryError `InvalidOptions` for what can't be an endpoint.
 *
 * @example
 * ```ts
 * const discovery = testDiscovery({ orders: 'http://127.0.0.1:3000' });
 * await get({ apiName: 'orders', path: '/v1' }).response;
 * console.log(discovery.calls('orders')); // [{ method: 'GET', path: '/v1', … }]
 * ```
 */
export function testDiscovery(services: TestServices, options: TestDiscoveryOptions = {}): TestDiscovery {
  const initial = listTestEndpoints(services);
  const hosts = initial.flatMap(({ target }) => (target.startsWith('arn:') ? [] : [new URL(target).host]));
  const clock = createTestClock(Date.now());
  let endpoints = initial;
  let revision = 0;
  let failure: { readonly error: DiscoveryError | undefined } | undefined;
  let silentUntil = 0;
  let bounds = resolveFreshness(options);
  const calls = new Map<string, TestCall[]>();
  let away: readonly { readonly service: string; readonly id: string | undefined }[] = [];

  const source: Source = {
    name: 'testDiscovery',
    async load({ stage, services: wanted, knownRevision, signal }) {
      // What the test says in the same breath holds for this load, too.
      await Promise.resolve();
      signal.throwIfAborted();
      await clock.waitUntil(silentUntil, signal);
      if (failure) throw failure.error ?? createFailure(stage);
      const tag = `test-${revision}`;
      if (knownRevision === tag) return { unchanged: true, revision: tag };
      const own = endpoints.filter((one) => one.stage === undefined || one.stage === stage);
      const asked = wanted ? own.filter(({ service }) => wanted.includes(service)) : own;
      return { revision: tag, endpoints: asked.map((one) => ({ ...one, stage })) };
    },
  };

  function start(): void {
    replaceDiscovery((given, assemble) => {
      const merged: DiscoveryOptions = {
        ...given,
        ...options,
        stage: options.stage ?? given.stage ?? 'test',
        // The clock stands still, so a second look within the time between two would never come.
        recheckSeconds: options.recheckSeconds ?? given.recheckSeconds ?? 0,
        registry: undefined,
        snapshot: undefined,
        trustedHosts: options.trustedHosts ?? [...new Set([...loopback, ...hosts])],
        source,
        storage: createMemoryStorage(),
        tabs: {},
        now: clock.now,
      };
      bounds = resolveFreshness(merged);
      return {
        ...assemble(merged),
        interceptCall(method, path, { service, target, id, version }) {
          const known = calls.get(service) ?? [];
          calls.set(service, [...known, { method, path, target, id, ...(version !== undefined && { version }) }]);
          const isAway = away.some((one) => one.service === service && (one.id === undefined || one.id === id));
          return isAway ? { response: Promise.reject(createNetworkError()), cancel() {} } : undefined;
        },
      };
    }, explainMissing);
  }

  start();
  return {
    clock,
    source,
    moves(service, to) {
      const moved: readonly PlacedEndpoint[] = to === undefined ? [] : listTestEndpoints({ [service]: to });
      endpoints = [...endpoints.filter((one) => one.service !== service), ...moved];
      revision += 1;
    },
    unreachable(service, id) {
      if (!endpoints.some((one) => one.service === service && (id === undefined || one.id === id))) {
        const what = `unreachable: there is no endpoint${id === undefined ? '' : ` "${id}"`} of "${service}"`;
        throw new DiscoveryError('InvalidOptions', what, { service });
      }
      away = [...away, { service, id }];
    },
    fails(error) {
      if (error !== undefined && !isDiscoveryError(error)) {
        const advice = 'takes a DiscoveryError, for the registry; for a service write unreachable(service)';
        throw new DiscoveryError('InvalidOptions', `fails: ${showValue(error)} is not one; it ${advice}`);
      }
      failure = { error };
    },
    recovers() {
      failure = undefined;
      away = [];
    },
    slow(seconds) {
      if (!Number.isFinite(seconds)) {
        const advice = 'the registry is slow by seconds; a slow service is for what answers for it to play';
        throw new DiscoveryError('InvalidOptions', `slow: ${showValue(seconds)} is not a number: ${advice}`);
      }
      silentUntil = clock.now() + seconds * 1000;
    },
    stale: () => clock.advanceSeconds(bounds.freshSeconds),
    expires: () => clock.advanceSeconds(bounds.freshSeconds + bounds.staleWhileRevalidateSeconds),
    calls: (service) => calls.get(service) ?? [],
    reset() {
      endpoints = initial;
      revision += 1;
      failure = undefined;
      away = [];
      silentUntil = 0;
      calls.clear();
      start();
    },
  };
}

/**
 * Ends what `testDiscovery` began. From then on a call by name fails at once, and says what to write, until there is a discovery
 * again. `@amplify-discovery/testing/setup` does this before the first test and after each.
 */
export function forgetTestDiscovery(): void {
  forgetDiscovery(explainMissing);
}

function explainMissing(): DiscoveryError {
  const advice =
    "write testDiscovery({ 'service-name': 'http://127.0.0.1:3000' }) before it, or await discover(outputs)";
  return new DiscoveryError('InvalidOptions', `A call by name came before there was a discovery: ${advice}`);
}

function createFailure(stage: string): DiscoveryError {
  const message = `Snapshot of "${stage}": the test has said fails()`;
  return new DiscoveryError('RegistryUnavailable', message, { stage });
}

/** What Amplify's verbs reject with when fetch finds nobody. */
function createNetworkError(): Error {
  const underlyingError = new TypeError('fetch failed');
  return Object.assign(new Error('A network error has occurred.'), { name: 'NetworkError', underlyingError });
}

function createMemoryStorage(): NonNullable<DiscoveryOptions['storage']> {
  const items = new Map<string, string>();
  return {
    setItem: async (key, value) => void items.set(key, value),
    getItem: async (key) => items.get(key) ?? null,
    removeItem: async (key) => void items.delete(key),
    clear: async () => items.clear(),
  };
}

import {
  createResolver,
  parseDiscoveryConfig,
  type DiscoveryConfig,
  type FreshnessOptions,
  type ReportEvent,
  type Resolution,
  type Resolver,
  type SelectionCriteria,
  type Source,
} from '@amplify-discovery/core';
import type { AmplifyContext, ResourcesConfig } from 'aws-amplify';
import { defaultStorage, Hub, type KeyValueStorageInterface } from 'aws-amplify/utils';
import { getAmplifyContext } from './amplify-context.ts';
import { copyPlain } from './copy-plain.ts';
import { configuredSource, type SourceOptions } from './configured-source.ts';
import { boundStorage, type KeyValueStorage } from './bound-storage.ts';
import { createBrowserStorage } from './create-browser-storage.ts';
import { getOption } from './discovery-config.ts';
import { inspectEndpoints, type InspectedEndpoint } from './inspect-endpoints.ts';
import type { TabScope } from './join-tabs.ts';
import type { ServiceName } from './service-name.ts';
import { traceResolverWhenRegistered, traceSourceWhenRegistered } from './trace-when-registered.ts';

/** How calls to one service are made. The app decides; nothing here is ever taken from the registry. */
export interface ServiceOptions extends SelectionCriteria {
  /**
   * `iam`: signed, and failing rather than unsigned where there are no credentials. `userPool`: the signed-in user's ID
   * token. `apiKey`: `apiKey` as `x-api-key`. `none`: nothing is attached.
   *
   * @default Amplify's own way: signed when there are credentials and no Authorization header
   */
  readonly authMode?: 'none' | 'iam' | 'userPool' | 'apiKey' | undefined;
  readonly apiKey?: string | undefined;
  /** Headers of every call to this service; those of the call itself win. */
  readonly headers?: (() => Record<string, string> | Promise<Record<string, string>>) | undefined;
}

/** Everything that `createDiscovery` takes. */
export interface DiscoveryOptions extends DiscoveryConfig, SourceOptions, FreshnessOptions {
  /** Instead of `registry` and `snapshot`: anything that gives snapshots. */
  readonly source?: Source | undefined;
  /** Only these services are asked for. @default the whole stage */
  readonly services?: readonly ServiceName[] | undefined;
  /** By service name. */
  readonly serviceOptions?: { readonly [name in ServiceName]?: ServiceOptions } | undefined;
  /** Of every call, unless the service's options name another. @default no tenant */
  readonly tenant?: string | undefined;
  /**
   * Keeps one user on one of several weighted endpoints.
   *
   * @default a random key, kept in storage; on a server none, so that each call is spread anew
   */
  readonly affinityKey?: string | undefined;
  /**
   * Where snapshots are kept: `sessionStorage` or `sharedInMemoryStorage` of `aws-amplify/utils`, or your own.
   *
   * @default defaultStorage of `aws-amplify/utils`: localStorage, in memory where there is none
   */
  readonly storage?: KeyValueStorageInterface | undefined;
  /** A snapshot that takes more of the storage, compressed, is kept in memory alone. @default 1_000_000 */
  readonly maximumStoredBytes?: number | undefined;
  /** Amplify's configuration, for registry access by IAM or user pool before `Amplify.configure`. */
  readonly config?: ResourcesConfig | undefined;
  readonly libraryOptions?: Parameters<typeof getAmplifyContext>[1];
  /** How tabs of one browser agree. @default navigator.locks and BroadcastChannel where there is a window */
  readonly tabs?: TabScope | undefined;
}

/** Discovery for one app or one part of it. */
export interface Discovery {
  readonly options: DiscoveryOptions;
  readonly resolver: Resolver;
  /** What a call to this service goes by: the service's options over the general ones. */
  getServiceOptions(service: string): Promise<ServiceOptions>;
  /** The same without waiting, once what has to be read from storage for it is there. */
  findServiceOptions(service: string): ServiceOptions | undefined;
  /** The endpoint that a call to this service would reach now. @throws DiscoveryError as `Resolver.resolve` */
  resolve(service: ServiceName, options?: { readonly signal?: AbortSignal }): Promise<Resolution>;
  /**
   * An Amplify context for the verbs of `amplify-discovery/api`: calls made with it are resolved by this instance and
   * authenticated by the given context, Amplify's global one by default.
   */
  context(context?: AmplifyContext): AmplifyContext;
  /** Asks the registry now. */
  refresh(): Promise<void>;
  /** What is known, for people who debug: a row for each endpoint, made for `console.table`. */
  inspect(): readonly InspectedEndpoint[];
  /** Stops listening to other tabs. */
  close(): void;
}

const discoveryOfContext = Symbol.for('amplify-discovery.discovery');

/** The discovery that a context was made for, if any. */
export function findDiscovery(context: AmplifyContext | undefined): Discovery | undefined {
  return (context as { [discoveryOfContext]?: Discovery } | undefined)?.[discoveryOfContext];
}

/**
 * Makes a discovery of its own: for server components, tests, or several registries. It asks nothing before the first
 * call. Reports every event on Amplify's Hub, channel `amplify-discovery`.
 *
 * @throws DiscoveryError `InvalidOptions`.
 *
 * @example
 * ```ts
 * const discovery = createDiscovery({ registry, stage: ['pr-123', 'dev'], trustedHosts: ['*.example.com'] });
 * await get(discovery.context(), { apiName: 'user-management-service', path: '/users' }).response;
 * ```
 */
export function createDiscovery(given: DiscoveryOptions): Discovery {
  const { registry, snapshot, stage, trustedHosts, regions } = given;
  const options: DiscoveryOptions = {
    ...given,
    ...parseDiscoveryConfig({ registry, snapshot, stage, trustedHosts, regions }, 'options'),
  };
  const { services, serviceOptions = {}, tenant, libraryOptions } = options;
  const config = copyPlain(options.config);
  const { tabs = findTabs() } = options;
  const storage = boundStorage(options.storage ?? defaultStorage);
  const report: ReportEvent = (event) => Hub.dispatch('amplify-discovery', { event: event.type, data: event });
  const hasWindow = typeof window !== 'undefined';
  const source =
    options.source ??
    configuredSource(options, { storage, report, getContext: () => getAmplifyContext(config, libraryOptions) });
  const snapshots = createBrowserStorage({
    storage,
    scope: [registry?.url ?? snapshot?.url ?? source.name, ...[...(services ?? [])].sort()].join(' '),
    tabs,
    onLoaded: (stage, stored) => resolver.adopt(stage, stored),
    report,
    maximumStoredBytes: options.maximumStoredBytes,
  });
  const resolver: Resolver = traceResolverWhenRegistered(
    createResolver({
      ...options,
      stage: getOption(options.stage, 'stage'),
      region: options.registry?.region,
      source: traceSourceWhenRegistered(source),
      storage: snapshots,
      report,
      now: hasWindow ? Date.now : readServerClock,
    }),
  );
  let affinityKey = options.affinityKey;
  let loadingAffinityKey: Promise<string> | undefined;
  let calls = 0;

  function findServiceOptions(service: string): ServiceOptions | undefined {
    // A server calls for many users: each of its calls is spread anew. Counted, because a prerendered page may not be random.
    const key = affinityKey ?? (hasWindow ? undefined : `${calls++}`);
    if (key === undefined) return undefined;
    const own = Object.hasOwn(serviceOptions, service) && (serviceOptions as Record<string, ServiceOptions>)[service];
    return { tenant, affinityKey: key, ...own };
  }

  async function getServiceOptions(service: string): Promise<ServiceOptions> {
    if (hasWindow) affinityKey ??= await (loadingAffinityKey ??= loadAffinityKey(storage));
    return findServiceOptions(service) as ServiceOptions;
  }

  const discovery: Discovery = {
    options,
    resolver,
    findServiceOptions,
    getServiceOptions,
    resolve: async (service, { signal } = {}) =>
      resolver.resolve(service, await getServiceOptions(service), signal ? { signal } : {}),
    context: (context = getAmplifyContext(config, libraryOptions)) =>
      Object.create(context, { [discoveryOfContext]: { value: discovery } }) as AmplifyContext,
    refresh: resolver.refresh,
    inspect: () => inspectEndpoints(resolver.inspect()),
    close: snapshots.close,
  };
  return discovery;
}

/**
 * A clock for servers. Next.js refuses to prerender what reads the date, but not what measures how long something takes; and ages
 * measured by it do not jump when the machine's clock is set.
 */
const readServerClock = () => performance.timeOrigin + performance.now();

/** Not in every window: jsdom and React Native have none of these, and old web views not all. */
function findTabs(): TabScope {
  const { window, navigator, BroadcastChannel } = globalThis as Partial<typeof globalThis>;
  return window ? { locks: navigator?.locks, BroadcastChannel } : {};
}

async function loadAffinityKey(storage: KeyValueStorage): Promise<string> {
  const key = 'amplify-discovery/1/affinity';
  let affinityKey: string | null | undefined;
  try {
    affinityKey = await storage.getItem(key);
    if (!affinityKey) await storage.setItem(key, (affinityKey = `${Math.random()}`));
  } catch {
    // Without storage a user may meet another of several weighted endpoints after a reload.
  }
  return affinityKey ?? `${Math.random()}`;
}

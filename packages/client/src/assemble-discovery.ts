import {
  createResolver,
  createSigningClock,
  idlePause,
  parseDiscoveryConfig,
  type DiscoveryError,
  type RegistryConfig,
  type ReportEvent,
  type Resolver,
} from '@amplify-discovery/core';
import type { AmplifyContext } from 'aws-amplify';
import { getAmplifyContext } from './amplify-context.ts';
import type { AmplifyParts } from './amplify-parts.ts';
import { boundStorage, type KeyValueStorage } from './bound-storage.ts';
import { configuredSource } from './configured-source.ts';
import { copyPlain } from './copy-plain.ts';
import { createBrowserStorage } from './create-browser-storage.ts';
import type { Discovery, DiscoveryOptions, ServiceOptions } from './discovery.ts';
import { getOption } from './discovery-config.ts';
import { inspectEndpoints } from './inspect-endpoints.ts';
import type { TabScope } from './join-tabs.ts';
import { accessRegistry } from './registry-transport.ts';
import { traceResolverWhenRegistered, traceSourceWhenRegistered } from './trace-when-registered.ts';

const discoveryOfContext = Symbol.for('amplify-discovery.discovery');

/** The discovery that a context was made for, if any. */
export function findDiscovery(context: AmplifyContext | undefined): Discovery | undefined {
  return (context as { [discoveryOfContext]?: Discovery } | undefined)?.[discoveryOfContext];
}

/** A discovery with what it needs of Amplify. @throws DiscoveryError `InvalidOptions` */
export function assembleDiscovery(amplify: AmplifyParts, given: DiscoveryOptions): Discovery {
  const { registry, snapshot, fallbacks, stage, trustedHosts, regions, prefer, live } = given;
  const options: DiscoveryOptions = {
    ...given,
    ...parseDiscoveryConfig({ registry, snapshot, fallbacks, stage, trustedHosts, regions, prefer, live }, 'options'),
  };
  const { services, serviceOptions = {}, tenant, libraryOptions } = options;
  const config = copyPlain(options.config);
  if (live) getOption(registry, 'registry');
  const { tabs = findTabs() } = options;
  const storage = boundStorage(options.storage ?? amplify.storage);
  /** By stage, of the last load. */
  const problems = new Map<string, DiscoveryError>();
  const report: ReportEvent = (event) => {
    if (event.type === 'refresh-failed') problems.set(event.stage, event.error);
    if (event.type === 'refresh' || (event.type === 'hit' && !hasTried)) startLive();
    amplify.hub.dispatch('amplify-discovery', { event: event.type, data: event });
  };
  const hasWindow = typeof window !== 'undefined';
  const getContext = () => getAmplifyContext(amplify, config, libraryOptions);
  const { WebSocket = hasWindow ? globalThis.WebSocket : undefined } = options;
  let stopLive: Promise<(() => void) | void> | undefined;
  let hasTried = false;
  let isClosed = false;
  // Whether a clock is wrong is the machine's affair, not a registry's.
  const clock = createSigningClock();
  const access = (one: RegistryConfig) => accessRegistry(one, { signRequest: amplify.signRequest, getContext, clock });
  const source =
    options.source ??
    configuredSource(options, {
      storage,
      report,
      access,
    });
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
      source: traceSourceWhenRegistered({
        name: source.name,
        load(request) {
          problems.delete(request.stage);
          return source.load(request);
        },
      }),
      storage: snapshots,
      report,
      // A chunk that can't be loaded says nothing about the host.
      checkSilence: (...host) =>
        import('./check-silence.ts').then(
          (module) => module.checkSilence(...host),
          () => {},
        ),
      explainMiss: async (miss) => (await import('./explain-miss.ts')).explainMiss(miss),
      now: options.now ?? (hasWindow ? Date.now : readServerClock),
    }),
  );

  /** Once something is loaded or called, and again after the code for it could not be fetched. */
  function startLive(): void {
    if (!live || !WebSocket || isClosed) return;
    hasTried = true;
    stopLive ??= import('./live.ts')
      .then(({ keepLive }) =>
        keepLive({
          authorize: access(options.registry!).authorize,
          registry: options.registry!,
          stages: [options.stage!].flat(),
          resolver,
          tabs,
          report,
          WebSocket,
          getContext,
          pause: idlePause,
          now: options.now,
        }),
      )
      .catch(() => void (stopLive = undefined));
  }

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
    context: (context = getAmplifyContext(amplify, config, libraryOptions)) =>
      Object.create(context, { [discoveryOfContext]: { value: discovery } }) as AmplifyContext,
    refresh: resolver.refresh,
    inspect: () => inspectEndpoints(resolver.inspect(), problems),
    close() {
      isClosed = true;
      void stopLive?.then((stop) => stop?.());
      snapshots.close();
    },
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
    // Without storage a user may get another of several weighted endpoints after a reload.
  }
  return affinityKey ?? `${Math.random()}`;
}

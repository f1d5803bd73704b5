import { AsyncLocalStorage } from 'node:async_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkSilence,
  createResolver,
  explainMiss,
  findTelemetry,
  resolveFreshness,
  type DiscoveryEvent,
  type Resolution,
  type Resolver,
  type SelectionCriteria,
  type StageInspection,
} from '@amplify-discovery/core';
import { traceResolver, traceSource } from '@amplify-discovery/core/tracing';
import { credentialsFromEnvironment } from '@amplify-discovery/aws';
import { createBakedStorage } from './storage/create-baked-storage.ts';
import { createFetchService, type FetchService } from './calls/create-fetch-service.ts';
import { createInvocations, type Invocation, type LambdaContext } from './invocations/create-invocations.ts';
import { createInvokeService, type InvokeService } from './calls/create-invoke-service.ts';
import { createPrefetch } from './invocations/create-prefetch.ts';
import { createSource } from './source/create-source.ts';
import { checkOptions, type DiscoveryOptions } from './discovery-options.ts';
import { createFileSequences } from './storage/create-file-sequences.ts';
import { createFileStorage } from './storage/create-file-storage.ts';
import { findTraceHeaders } from './invocations/find-trace-headers.ts';
import { readEnvironment } from './source/read-environment.ts';

/** Discovery for one execution environment. */
export interface Discovery {
  /** The endpoint that serves a name; see `Resolver.resolve` in `@amplify-discovery/core`. */
  resolve(
    service: string,
    criteria?: SelectionCriteria,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Resolution>;
  /** `fetch` by service name. @throws DiscoveryError, or what fetch throws. */
  readonly fetchService: FetchService;
  /** Invokes a service that is a Lambda function. @throws DiscoveryError, or what the Lambda client throws. */
  readonly invokeService: InvokeService;
  /** The handler with discovery fitted into each of its invocations. Handlers are async or streaming ones. */
  wrap<A extends readonly unknown[], R>(handler: (...args: A) => R): (...args: A) => Promise<Awaited<R>>;
  /** What `wrap` does before a handler, for frameworks; `end` has to be called after it. */
  begin(event: unknown, context: LambdaContext | undefined): Invocation;
  /** Loads every stage, or gives up after `prefetchTimeoutMs`. Never rejects: the first call fails with what is wrong. */
  prefetch(): Promise<void>;
  inspect(): readonly StageInspection[];
  /** For callers with a transport of their own: looks again because a resolution's endpoint didn't answer. Never rejects. */
  readonly recheck: Resolver['recheck'];
  /** The trust rule, for a last check of a final URL. */
  readonly findTrust: Resolver['findTrust'];
}

/**
 * Makes the discovery of a Node function. Make it once, outside the handler: what it has loaded is used by every later
 * invocation, and a call by name costs no request in the usual case.
 *
 * @throws DiscoveryError `InvalidOptions`.
 *
 * @example
 * ```ts
 * const discovery = createDiscovery({ auth: { 'user-management-service': { mode: 'iam' } } });
 *
 * export const handler = discovery.wrap(async () => {
 *   const response = await discovery.fetchService('user-management-service', '/users');
 *   return response.json();
 * });
 * ```
 */
export function createDiscovery(options: DiscoveryOptions = {}): Discovery {
  checkOptions(options);
  const {
    auth = {},
    defaultAuth = { mode: 'none' },
    env = process.env,
    metrics,
    order = ['snapshot', 'registry'],
  } = options;
  const {
    now = Date.now,
    fetch = globalThis.fetch,
    deadlineMarginMs = 200,
    settleMs = 250,
    prefetchTimeoutMs = 2000,
  } = options;
  const { bakedFile, services, lambda, trustedFunctions, credentials = credentialsFromEnvironment(env) } = options;
  const environment = readEnvironment(env);
  const stage = options.stage ?? environment.stage ?? [];
  const { registryUrl, registryRegion, apiKey, snapshotUrl, trustedKeys } = environment;
  const given = options.registry ?? (registryUrl ? { url: registryUrl } : undefined);
  const registry = given && { apiKey, ...given };
  const snapshot = options.snapshot ?? (snapshotUrl ? { url: snapshotUrl, trustedKeys } : undefined);
  const fallbacks = options.fallbacks ?? environment.fallbacks;
  const prefer = options.prefer ?? environment.prefer;
  const region = options.region ?? registry?.region ?? registryRegion;

  function report(event: DiscoveryEvent): void {
    metrics?.report(event);
    options.report?.(event);
  }

  const { cacheFolder = defaultFolder([registry?.url, snapshot?.url, services]) } = options;
  const over = cacheFolder === false ? undefined : createFileStorage({ folder: cacheFolder });
  const findSequences = (url: string) =>
    cacheFolder === false
      ? undefined
      : createFileSequences(join(cacheFolder, `sequences-${hashText(url, 0x811c9dc5)}`));
  const source =
    options.source ??
    createSource({ registry, snapshot, fallbacks, order, region, credentials, fetch, report, findSequences });
  const pathOf = (name: string) => (bakedFile as string).replaceAll('{stage}', name);
  const storage =
    bakedFile === undefined
      ? over
      : createBakedStorage({ pathOf, trustedKeys: snapshot?.trustedKeys ?? trustedKeys, over, now });
  const trust = { trustedHosts: options.trustedHosts ?? environment.trustedHosts, region };
  const inner = traceResolver(
    createResolver({
      ...options,
      ...trust,
      prefer,
      stage,
      source: traceSource(source),
      storage,
      registry,
      now,
      report,
      explainMiss,
      checkSilence: (target, milliseconds, signal) => checkSilence(target, milliseconds, signal, fetch),
    }),
  );

  function flush(): void {
    try {
      metrics?.flush();
    } catch {
      // Counting must not break an invocation.
    }
  }

  const current = new AsyncLocalStorage<Invocation>();
  const invocations = createInvocations({
    resolver: inner,
    bounds: resolveFreshness(options),
    deadlineMarginMs,
    settleMs,
    now,
    flush,
  });
  const resolver: Resolver = {
    ...inner,
    resolve(service, criteria, call) {
      // What is fresh in memory causes no request, so an invocation's end need not wait for it.
      const known = call?.signal?.aborted ? undefined : inner.findFresh(service, criteria);
      return known ? Promise.resolve(known) : invocations.track(inner.resolve(service, criteria, call));
    },
  };
  const prefetch = createPrefetch({ resolver, timeoutMs: prefetchTimeoutMs, now });
  /** Within an invocation a call waits no longer than the invocation may. */
  function withDeadline<O extends { readonly signal?: AbortSignal | undefined }>(
    call: O | undefined,
  ): O | (O & { readonly signal: AbortSignal }) | undefined {
    const deadline = current.getStore()?.signal;
    if (!deadline) return call;
    return { ...(call as O), signal: call?.signal ? AbortSignal.any([call.signal, deadline]) : deadline };
  }
  const fetchService = createFetchService({
    resolver,
    findAuth: (service) => (Object.hasOwn(auth, service) ? auth[service] : undefined) ?? defaultAuth,
    credentials,
    defaultRegion: region,
    findHeaders: () => findTraceHeaders(findTelemetry(), current.getStore()?.traceHeaders ?? {}),
    fetch,
  });
  const invokeService = createInvokeService({ resolver, lambda, trustedFunctions, findOwnArn: invocations.findOwnArn });

  function begin(event: unknown, context: LambdaContext | undefined): Invocation {
    prefetch.abortIfOverdue();
    return invocations.begin(event, context);
  }

  if (options.prefetch) void prefetch.run();
  return {
    resolve: (service, criteria, call) => resolver.resolve(service, criteria, withDeadline(call)),
    fetchService: (service, path, init) => fetchService(service, path, withDeadline(init)),
    invokeService: (service, payload, request) => invokeService(service, payload, withDeadline(request)),
    prefetch: prefetch.run,
    inspect: resolver.inspect,
    recheck: resolver.recheck,
    findTrust: resolver.findTrust,
    begin,
    wrap:
      <A extends readonly unknown[], R>(handler: (...args: A) => R) =>
      async (...args: A): Promise<Awaited<R>> => {
        const invocation = begin(args[0], args.find(isContext));
        try {
          // After a thaw, a turn of the event loop lets fetch notice which kept-alive connections have died.
          await new Promise((resolve) => setImmediate(resolve));
          return await current.run(invocation, () => handler(...args));
        } finally {
          await invocation.end();
        }
      },
  };
}

/** In a streaming handler the context is the third argument. */
function isContext(value: unknown): value is LambdaContext {
  return typeof (value as LambdaContext | null | undefined)?.getRemainingTimeInMillis === 'function';
}

/** Two discoveries of one function share files only when they read the same thing. */
function defaultFolder(identity: readonly unknown[]): string {
  const text = JSON.stringify(identity);
  return join(tmpdir(), `amplify-discovery-${hashText(text, 0x811c9dc5)}${hashText(text, 0xcbf29ce4)}`);
}

/** FNV-1a tells the few identities of a function apart; to load node:crypto takes a cold start 3 ms. */
function hashText(text: string, offset: number): string {
  let hash = offset;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

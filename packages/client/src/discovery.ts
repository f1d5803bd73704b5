import type {
  DiscoveryConfig,
  Endpoint,
  FailoverOptions,
  FreshnessOptions,
  Resolution,
  Resolver,
  SelectionCriteria,
  Source,
} from '@amplify-discovery/core';
import type { AmplifyContext, createAmplifyContext, ResourcesConfig } from 'aws-amplify';
import type { KeyValueStorageInterface } from 'aws-amplify/utils';
import type { SourceOptions } from './source-options.ts';
import type { InspectedEndpoint } from './inspect-endpoints.ts';
import type { TabScope } from './join-tabs.ts';
import type { Cancellable } from './service-call.ts';
import type { ServiceName } from './service-name.ts';

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
export interface DiscoveryOptions extends DiscoveryConfig, SourceOptions, FreshnessOptions, FailoverOptions {
  /** Instead of `registry` and `snapshot`: anything that gives snapshots. */
  readonly source?: Source | undefined;
  /** Only these services are loaded. @default the whole stage */
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
  readonly libraryOptions?: Parameters<typeof createAmplifyContext>[1];
  /** How tabs of one browser agree. @default navigator.locks and BroadcastChannel where there is a window */
  readonly tabs?: TabScope | undefined;
  /** Milliseconds since the epoch. @default the machine's clock */
  readonly now?: (() => number) | undefined;
  /** What `live` connects with. @default the platform's where there is a window; elsewhere nothing connects */
  readonly WebSocket?: typeof WebSocket | undefined;
}

/** Discovery for one app or one part of it. */
export interface Discovery {
  readonly options: DiscoveryOptions;
  readonly resolver: Resolver;
  /** The options of calls to this service: its own over the general ones. */
  getServiceOptions(service: string): Promise<ServiceOptions>;
  /** The same without waiting, once what it takes from storage has been read. */
  findServiceOptions(service: string): ServiceOptions | undefined;
  /** The endpoint that a call to this service would reach now. @throws DiscoveryError as `Resolver.resolve` */
  resolve(service: ServiceName, options?: { readonly signal?: AbortSignal }): Promise<Resolution>;
  /**
   * An Amplify context for the verbs of `amplify-discovery/api`: calls made with it are resolved by this instance and
   * authenticated by the given context, Amplify's global one by default.
   */
  context(context?: AmplifyContext): AmplifyContext;
  /** Reads the registry now. */
  refresh(): Promise<void>;
  /** What is known, for debugging: a row for each endpoint, made for `console.table`. */
  inspect(): readonly InspectedEndpoint[];
  /** Called for each request to a discovered endpoint, before it is sent. What it returns takes the place of the request. */
  readonly interceptCall?: ((method: string, path: string, endpoint: Endpoint) => Cancellable | undefined) | undefined;
  /** Stops listening to other tabs, and to notices. */
  close(): void;
}

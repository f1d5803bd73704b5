import {
  checkPath,
  DiscoveryError,
  findReplayableHeader,
  type Endpoint,
  type Resolution,
  type Resolver,
  type Trust,
} from '@amplify-discovery/core';
import type { AmplifyContext, ResourcesConfig } from 'aws-amplify';
import { findGlobalContext, getAmplifyContext } from './amplify-context.ts';
import type { AmplifyParts } from './amplify-parts.ts';
import { findDiscovery } from './assemble-discovery.ts';
import type { Discovery, ServiceOptions } from './discovery.ts';
import { findDefaultDiscovery, getDefaultDiscovery } from './default-discovery.ts';
import { findOrigin, toRestEntry, type RestEntry } from './rest-entry.ts';
import type { FindListed, FinishedCall, RestOptions, ServiceCall } from './service-call.ts';

/** What Amplify's verb takes to make a call by name. */
export interface PreparedCall extends FinishedCall {
  /** Where the endpoint came from, unless the app lists it. */
  readonly found?: {
    readonly resolver: Resolver;
    readonly resolution: Resolution;
    readonly intercept: Discovery['interceptCall'];
  };
}

/** The options of a call with what its service's options attach. */
interface Attached {
  readonly options?: RestOptions | undefined;
  /** The session that it comes from. */
  readonly session?: unknown;
  /** Amplify's library options without what is attached already. */
  readonly libraryOptions?: AmplifyContext['libraryOptions'];
}

/** What is derived from an endpoint, once. A snapshot's endpoints live as long as the snapshot. */
interface KnownEndpoint {
  readonly entry: RestEntry | undefined;
  readonly trust: Trust | undefined;
  narrowed?: Pick<AmplifyContext, 'resourcesConfig' | 'libraryOptions'> & {
    readonly base: AmplifyContext;
    /** Knows just this endpoint. */
    readonly context: AmplifyContext;
  };
}

const knownEndpoints = new WeakMap<Endpoint, KnownEndpoint>();

/** The prepared call, if there is nothing to wait for. @throws DiscoveryError as `prepareCall` */
export function prepareAtOnce({ amplify, context, input }: ServiceCall): PreparedCall | undefined {
  const { apiName, path, options } = input;
  if (input.findListed) return undefined;
  const discovery = findDiscovery(context) ?? findDefaultDiscovery();
  const base = context ?? findGlobalContext(amplify);
  const serviceOptions = discovery?.findServiceOptions(apiName);
  if (!base || !discovery || !serviceOptions || serviceOptions.authMode || serviceOptions.headers) return undefined;
  const entry = findEntry(base.resourcesConfig, apiName);
  if (entry && findOrigin(entry) === 'own') return prepareListed(base, apiName, entry, path, { options });
  // Amplify's library options may attach headers, which may take time.
  if (base.libraryOptions.API?.REST?.headers) return undefined;
  const resolution = discovery.resolver.findFresh(apiName, serviceOptions);
  return resolution && prepareResolved(base, discovery, resolution, path, { options });
}

/**
 * The prepared call, after waiting for all that it needs: discovery, the name's endpoint, and what the service's options attach.
 *
 * @throws DiscoveryError as `Resolver.resolve`; `CredentialsMissing`, `UntrustedEndpoint`, `InvalidPath`, `InvalidOptions`.
 */
export async function prepareCall({ amplify, context, input }: ServiceCall): Promise<PreparedCall> {
  const { apiName, path, options, findListed, finish } = input;
  const destination = await findDestination(amplify, apiName, findListed, context);
  const { base, discovery, serviceOptions, entry, resolution } = destination;
  const attached = await attach(base, apiName, serviceOptions, options);
  const prepared = entry
    ? prepareListed(base, apiName, entry, path, attached)
    : prepareResolved(base, discovery, resolution, path, attached);
  return finish ? { ...prepared, options: await finish(prepared) } : prepared;
}

/** The URL below which calls by this name go. @throws DiscoveryError as `Resolver.resolve` */
export async function findAddress(amplify: AmplifyParts, apiName: string, findListed: FindListed): Promise<string> {
  const { entry, resolution } = await findDestination(amplify, apiName, findListed);
  return entry ? entry.endpoint : resolution.endpoint.target;
}

/** Where calls by this name go: to an entry that is listed, or to what discovery has. */
type Destination = (
  | { readonly entry: RestEntry; readonly resolution?: undefined }
  | { readonly entry?: undefined; readonly resolution: Resolution }
) & { readonly base: AmplifyContext; readonly discovery: Discovery; readonly serviceOptions: ServiceOptions };

async function findDestination(
  amplify: AmplifyParts,
  apiName: string,
  findListed?: FindListed,
  context?: AmplifyContext,
): Promise<Destination> {
  const discovery = findDiscovery(context) ?? (await getDefaultDiscovery());
  const { config, libraryOptions } = discovery.options;
  const base = context ?? getAmplifyContext(amplify, config, libraryOptions);
  const ofName = await discovery.getServiceOptions(apiName);
  const { entry = findEntry(base.resourcesConfig, apiName), headers } = findListed?.(base.resourcesConfig) ?? {};
  const serviceOptions = headers
    ? { ...ofName, headers: async () => ({ ...(await ofName.headers?.()), ...(await headers()) }) }
    : ofName;
  const around = { base, discovery, serviceOptions };
  if (entry && findOrigin(entry) === 'own') return { ...around, entry };
  try {
    return { ...around, resolution: await discovery.resolver.resolve(apiName, serviceOptions) };
  } catch (error) {
    const generated = [entry, findEntry(config, apiName)].find((one) => one && findOrigin(one) === 'generated');
    if (generated) return { ...around, entry: generated };
    throw error;
  }
}

/** What a configuration itself lists under a service's name, which may be one that objects know already. */
function findEntry(config: ResourcesConfig | undefined, apiName: string): RestEntry | undefined {
  const entries = config?.API?.REST;
  return entries && Object.hasOwn(entries, apiName) ? entries[apiName] : undefined;
}

/** A call to an entry of the app or of a generated file, which is used as Amplify uses it. @throws DiscoveryError `InvalidPath` */
function prepareListed(
  base: AmplifyContext,
  apiName: string,
  entry: RestEntry,
  path: string,
  attached: Attached,
): PreparedCall {
  // Amplify joins both as text, so that a path could go on where the host ends.
  if (/^\w+:\/\/[^/]*$/.test(entry.endpoint) && /^[^/?#]/.test(path)) {
    const message = `Path "${path}" for "${apiName}" leads away from ${entry.endpoint}`;
    throw new DiscoveryError('InvalidPath', message, { service: apiName });
  }
  const isAsItIs = !attached.libraryOptions && findEntry(base.resourcesConfig, apiName) === entry;
  const context = isAsItIs ? base : narrowContext(base, apiName, entry, attached);
  return { context, path, options: attached.options };
}

/** A call to a discovered endpoint. @throws DiscoveryError `InvalidOptions`, `UntrustedEndpoint`, `InvalidPath` */
function prepareResolved(
  base: AmplifyContext,
  { resolver, options: { registry }, interceptCall: intercept }: Discovery,
  resolution: Resolution,
  path: string,
  attached: Attached,
): PreparedCall {
  const { endpoint } = resolution;
  const { service, kind, target } = endpoint;
  let known = knownEndpoints.get(endpoint);
  if (!known) {
    // The final URL starts with the target, so what holds for its host holds for the target's.
    known = { entry: toRestEntry(endpoint, registry?.region), trust: resolver.findTrust(target) };
    knownEndpoints.set(endpoint, known);
  }
  const { entry, trust } = known;
  if (!entry) {
    throw new DiscoveryError('InvalidOptions', `"${service}" is a ${kind}, not an API to call`, { service });
  }
  const replayable = trust !== 'listed' && findReplayable(attached.options);
  if (!trust || replayable) {
    const what = trust ? `carries ${replayable}` : 'goes';
    const message = `A call of "${service}" ${what} to ${new URL(target).host}, which is not listed`;
    throw new DiscoveryError('UntrustedEndpoint', message, { service });
  }
  const context = attached.libraryOptions
    ? narrowContext(base, service, entry, attached)
    : getNarrowed(known, base, service, entry);
  return {
    context,
    path: checkPath(path, service),
    options: attached.options,
    found: { resolver, resolution, intercept },
  };
}

/** The context that was made for this endpoint before, while what it was made from is still the same. */
function getNarrowed(known: KnownEndpoint, base: AmplifyContext, service: string, entry: RestEntry): AmplifyContext {
  const { resourcesConfig, libraryOptions } = base;
  const { narrowed } = known;
  // A context's members may be getters, which follow a configuration that is replaced.
  if (
    narrowed?.base === base &&
    narrowed.resourcesConfig === resourcesConfig &&
    narrowed.libraryOptions === libraryOptions
  ) {
    return narrowed.context;
  }
  const context = narrowContext(base, service, entry, {});
  known.narrowed = { base, resourcesConfig, libraryOptions, context };
  return context;
}

/** The same context but for the one endpoint: it keeps its brand and its credentials. */
function narrowContext(
  base: AmplifyContext,
  service: string,
  entry: RestEntry,
  { session, libraryOptions = base.libraryOptions }: Attached,
): AmplifyContext {
  const { resourcesConfig } = base;
  const { API } = resourcesConfig as ResourcesConfig;
  return Object.create(base, {
    resourcesConfig: { value: { ...resourcesConfig, API: { ...API, REST: { [service]: entry } } } },
    libraryOptions: { value: libraryOptions },
    ...(session !== undefined && { fetchAuthSession: { value: async () => session } }),
  }) as AmplifyContext;
}

/** What the service's options, and Amplify's, attach to a call. @throws DiscoveryError `CredentialsMissing` */
async function attach(
  base: AmplifyContext,
  service: string,
  { authMode, apiKey = '', headers: ofService }: ServiceOptions,
  options: RestOptions | undefined,
): Promise<Attached> {
  const { API } = base.libraryOptions;
  const ofLibrary = API?.REST?.headers;
  if (!authMode && !ofService && !ofLibrary) return { options };
  const isUser = authMode === 'userPool';
  const session = isUser || authMode === 'iam' ? await base.fetchAuthSession() : undefined;
  if (session && !(isUser ? session.tokens?.idToken : session.credentials)) {
    const message = `"${service}" is called with ${authMode}, and there are no credentials`;
    throw new DiscoveryError('CredentialsMissing', message, { service });
  }
  const headers: Record<string, string> = {
    ...(await ofLibrary?.({ apiName: service })),
    ...(await ofService?.()),
    ...(isUser && { Authorization: `${session?.tokens?.idToken}` }),
    ...(authMode === 'apiKey' && { 'x-api-key': apiKey }),
    ...options?.headers,
  };
  return {
    options: { ...options, headers, ...(authMode === 'none' && { defaultAuthMode: 'none' as const }) },
    session,
    libraryOptions: { ...base.libraryOptions, API: { ...API, REST: { ...API?.REST, headers: undefined } } } as never,
  };
}

/** The part of a request that its receiver could use elsewhere, if any. SigV4, which Amplify adds later, binds its host. */
function findReplayable({ headers = {}, withCredentials }: RestOptions = {}): string | undefined {
  return findReplayableHeader(Object.keys(headers)) ?? (withCredentials ? 'cookies' : undefined);
}

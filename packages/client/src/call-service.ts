import {
  checkPath,
  DiscoveryError,
  findReplayableHeader,
  hasGone,
  isIdempotent,
  type Endpoint,
  type Trust,
} from '@amplify-discovery/core';
import type { AmplifyContext, ResourcesConfig } from 'aws-amplify';
import { getAmplifyContext } from './amplify-context.ts';
import { findDiscovery, type ServiceOptions } from './create-discovery.ts';
import { getDiscovery } from './default-discovery.ts';
import { findOrigin, toRestEntry, type RestEntry } from './rest-entry.ts';
import type { AmplifyInput, AmplifyVerb, Cancellable, ServiceInput } from './service-call.ts';

type RestOptions = NonNullable<AmplifyInput['options']>;

/** What follows from an endpoint alone. A snapshot's endpoints live as long as the snapshot. */
const preparedEndpoints = new WeakMap<
  Endpoint,
  { readonly entry: RestEntry | undefined; readonly trust: Trust | undefined }
>();

/**
 * Starts a call by service name with one of Amplify's verbs: waits for discovery, resolves the name, applies the service's
 * auth mode and the trust rule, and sends. When the failure looks as if the endpoint had moved, the registry is asked again
 * (all failing calls share that), and an idempotent call is repeated once if there is another endpoint.
 *
 * The response rejects with what Amplify's verb rejects with, or with a DiscoveryError; `cancel` works from the start.
 */
export function callService(
  verb: AmplifyVerb<Cancellable>,
  method: string,
  context: AmplifyContext | undefined,
  { apiName, path, options = {}, idempotent = isIdempotent(method) }: ServiceInput,
): Cancellable {
  const service = apiName;
  let operation: Cancellable | undefined;
  let isCancelled = false;
  let cancelWaiting: (reason: unknown) => void;

  async function run(): Promise<unknown> {
    const { resolver, options: settings, getServiceOptions } = findDiscovery(context) ?? (await getDiscovery());
    const base = context ?? getAmplifyContext(settings.config, settings.libraryOptions);
    const serviceOptions = await getServiceOptions(service);
    const { session, rest } = await authenticate(base, service, serviceOptions, options);

    function send(entry: RestEntry, more?: RestOptions): Promise<unknown> | undefined {
      const following =
        findOrigin(entry) !== 'discovered' ? checkOwnPath(entry, path, service) : checkPath(path, service);
      // Who cancelled is not waiting any more, and nothing may be sent.
      if (isCancelled) return undefined;
      const { API } = base.resourcesConfig as ResourcesConfig;
      operation = verb(
        // The same context but for the one endpoint: it keeps its brand and its credentials.
        Object.create(base, {
          resourcesConfig: { value: { ...base.resourcesConfig, API: { ...API, REST: { [service]: entry } } } },
          libraryOptions: { value: withoutHeaders(base.libraryOptions) },
          ...(session ? { fetchAuthSession: { value: async () => session } } : {}),
        }) as AmplifyContext,
        { apiName, path: following, options: { ...rest, ...more } },
      );
      return operation.response;
    }

    async function resolve() {
      const resolution = await resolver.resolve(service, serviceOptions);
      const { endpoint } = resolution;
      let prepared = preparedEndpoints.get(endpoint);
      if (!prepared) {
        // The final URL starts with the target, so what holds for its host holds for the target's.
        prepared = {
          entry: toRestEntry(endpoint, settings.registry?.region),
          trust: resolver.findTrust(endpoint.target),
        };
        preparedEndpoints.set(endpoint, prepared);
      }
      const { entry, trust } = prepared;
      if (!entry)
        throw new DiscoveryError('InvalidOptions', `"${service}" is a ${endpoint.kind}, not an API to call`, {
          service,
        });
      const replayable = trust !== 'listed' && findReplayable(rest);
      if (!trust || replayable) {
        const what = trust ? `carries ${replayable}` : 'goes';
        const { host } = new URL(entry.endpoint);
        throw new DiscoveryError(
          'UntrustedEndpoint',
          `A call of "${service}" ${what} to ${host}, which is not listed`,
          { service },
        );
      }
      return { resolution, entry };
    }

    const listed = findListed(base.resourcesConfig, service);
    if (listed && findOrigin(listed) === 'own') return send(listed);
    const generated = [listed, findListed(settings.config, service)].find(
      (entry) => entry && findOrigin(entry) === 'generated',
    );

    const found = await resolve().catch((error: unknown) => {
      if (generated) return undefined;
      throw error;
    });
    if (!found) return send(generated as RestEntry);
    const { resolution, entry } = found;
    try {
      return await send(entry);
    } catch (error) {
      if (isCancelled || !hasGone(error)) throw error;
      await resolver.recheck(resolution);
      const next = await resolve().catch(() => undefined);
      if (!idempotent || !next || next.entry.endpoint === entry.endpoint) throw error;
      return send(next.entry, { retryStrategy: { strategy: 'no-retry' } });
    }
  }

  const response = new Promise((resolve, reject) => {
    cancelWaiting = reject;
    run().then(resolve, reject);
  });

  return {
    response,
    cancel(message?: string) {
      isCancelled = true;
      operation?.cancel(message);
      // Amplify alone can make the error that its isCancelError knows: a call without endpoint, cancelled before it fails.
      const nothing = Object.create(context ?? getAmplifyContext(), {
        resourcesConfig: { value: {} },
      }) as AmplifyContext;
      const cancelled = verb(nothing, { apiName, path });
      cancelled.cancel(message);
      cancelled.response.catch(cancelWaiting);
    },
  };
}

/** What a configuration itself lists under a service's name, which may be one that objects know already. */
function findListed(config: ResourcesConfig | undefined, service: string): RestEntry | undefined {
  const entries = config?.API?.REST ?? {};
  return Object.hasOwn(entries, service) ? entries[service] : undefined;
}

/** The request options with what the service's options attach, and the session that it comes from. */
async function authenticate(
  base: AmplifyContext,
  service: string,
  { authMode, apiKey = '', headers: ofService }: ServiceOptions,
  options: RestOptions,
): Promise<{ rest: RestOptions; session?: unknown }> {
  const ofLibrary = base.libraryOptions.API?.REST?.headers;
  if (!authMode && !ofService && !ofLibrary) return { rest: options };
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
    ...options.headers,
  };
  return { session, rest: { ...options, headers, ...(authMode === 'none' && { defaultAuthMode: 'none' as const }) } };
}

/** What of the request its receiver could use elsewhere. SigV4, which Amplify adds later, binds its host. */
function findReplayable({ headers = {}, withCredentials }: RestOptions): string | undefined {
  return findReplayableHeader(Object.keys(headers)) ?? (withCredentials ? 'cookies' : undefined);
}

/** The app's own entry is joined with the path as Amplify joins them, as long as that stays on its host. */
function checkOwnPath({ endpoint }: RestEntry, path: string, service: string): string {
  if (new URL(endpoint + path).host === new URL(endpoint).host) return path;
  throw new DiscoveryError('InvalidPath', `Path "${path}" for "${service}" leads away from ${endpoint}`, { service });
}

/** Amplify's library options without the headers that are in the request already. */
function withoutHeaders(options: AmplifyContext['libraryOptions']): object {
  return !options.API?.REST?.headers
    ? options
    : { ...options, API: { ...options.API, REST: { ...options.API?.REST, headers: undefined } } };
}

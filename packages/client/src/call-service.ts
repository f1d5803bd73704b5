import { DiscoveryError, raceAbort } from '@amplify-discovery/core';
import type { AmplifyContext, ResourcesConfig } from 'aws-amplify';
import { isCancelError, type get } from 'aws-amplify/api';
import { getAmplifyContext } from './amplify-context.ts';
import { findDiscovery, type ServiceOptions } from './create-discovery.ts';
import { getDiscovery } from './default-discovery.ts';
import { mayHaveMoved } from './may-have-moved.ts';
import { resolvePath } from './resolve-path.ts';
import { isOwnEntry, toRestEntry, type RestEntry } from './rest-entry.ts';
import type { ServiceName } from './service-name.ts';

type AmplifyInput = Parameters<typeof get>[0];
type RestOptions = NonNullable<AmplifyInput['options']>;

/** Amplify's input with a service's name, and what Amplify can't know. */
export type ServiceInput<Input = AmplifyInput> = Omit<Input, 'apiName'> & {
  readonly apiName: ServiceName;
  /** Whether the request may be repeated at a moved endpoint. @default true for GET, HEAD, PUT and DELETE (RFC 9110, 9.2.2) */
  readonly idempotent?: boolean;
};

/** One of Amplify's verbs, as far as it matters here. */
export type AmplifyVerb<Operation> = (context: AmplifyContext, input: AmplifyInput) => Operation;

interface Cancellable {
  response: Promise<unknown>;
  cancel(message?: string): void;
}

/** Headers that may hold something a receiver could use elsewhere. */
const replayable = /auth|token|key|cookie|secret|session|pass/i;

/**
 * Starts a call by service name with one of Amplify's verbs: waits for discovery, resolves the name, applies the service's
 * auth mode and the trust rule, and sends. When the failure looks as if the endpoint had moved, the registry is asked again
 * (all failing calls share that), and an idempotent call is repeated once if there is another endpoint.
 *
 * The response rejects with what Amplify's verb rejects with, or with a DiscoveryError; `cancel` works from the start.
 */
export function callService<Operation extends Cancellable>(
  verb: AmplifyVerb<Operation>,
  isIdempotent: boolean,
  context: AmplifyContext | undefined,
  { apiName, path, options = {}, idempotent = isIdempotent }: ServiceInput,
): Operation {
  const controller = new AbortController();
  const { signal } = controller;
  let operation: Cancellable | undefined;

  async function send(base: AmplifyContext, entry: RestEntry | undefined, rest: RestOptions, session?: unknown) {
    signal.throwIfAborted();
    const { API } = base.resourcesConfig;
    operation = verb(
      // The same context but for the one endpoint: it keeps its brand and its credentials.
      Object.create(base, {
        resourcesConfig: { value: { ...base.resourcesConfig, API: { ...API, REST: { [apiName]: entry } } } },
        libraryOptions: { value: withoutHeaders(base.libraryOptions) },
        ...(session ? { fetchAuthSession: { value: async () => session } } : {}),
      }) as AmplifyContext,
      { apiName, path, options: rest },
    );
    return operation.response;
  }

  async function run(): Promise<unknown> {
    const discovery = findDiscovery(context) ?? (await raceAbort(getDiscovery(), signal));
    const { resolver, options: settings } = discovery;
    const base = context ?? getAmplifyContext(settings.config, settings.libraryOptions);
    const serviceOptions = await discovery.getServiceOptions(apiName);
    const { session, rest, isReplayable } = await authenticate(base, apiName, serviceOptions, options);

    const own = (base.resourcesConfig as ResourcesConfig).API?.REST?.[apiName];
    if (isOwnEntry(own)) {
      resolvePath(own.endpoint, path, apiName);
      return send(base, own, rest, session);
    }

    const resolve = async () => {
      const resolution = await resolver.resolve(apiName, serviceOptions, { signal });
      const entry = toRestEntry(resolution.endpoint, settings.registry?.region);
      if (!entry) throw new DiscoveryError('InvalidOptions', `"${apiName}" is a ${resolution.endpoint.kind}, not an API to call`, { service: apiName });
      const url = resolvePath(entry.endpoint, path, apiName);
      const trust = resolver.findTrust(url);
      if (trust !== 'listed' && (!trust || isReplayable)) {
        throw new DiscoveryError('UntrustedEndpoint', `A call of "${apiName}" ${trust ? 'carries a token, key or cookie' : 'goes'} to ${new URL(url).host}, which is not listed`, { service: apiName });
      }
      return { resolution, entry };
    };
    const { resolution, entry } = await resolve();
    try {
      return await send(base, entry, rest, session);
    } catch (error) {
      if (signal.aborted || !mayHaveMoved(error)) throw error;
      await raceAbort(resolver.recheck(resolution), signal);
      const next = await resolve().catch(() => undefined);
      if (!idempotent || !next || next.entry.endpoint === entry.endpoint) throw error;
      return send(base, next.entry, { ...rest, retryStrategy: { strategy: 'no-retry' } }, session);
    }
  }

  return {
    response: run().catch((error: unknown) => {
      if (!signal.aborted || isCancelError(error)) throw error;
      // Amplify alone can make the error that its isCancelError knows: a call without endpoint, cancelled before it fails.
      const cancelled = verb(Object.create(context ?? getAmplifyContext(), { resourcesConfig: { value: {} } }) as AmplifyContext, { apiName, path });
      cancelled.cancel(signal.reason as string);
      return cancelled.response;
    }),
    cancel(message?: string) {
      controller.abort(message);
      operation?.cancel(message);
    },
  } as Operation;
}

/** The request options with what the service's auth mode attaches, and whether anything of it could be used elsewhere. */
async function authenticate(
  base: AmplifyContext,
  apiName: string,
  { authMode, apiKey = '', headers: ofService }: ServiceOptions,
  options: RestOptions,
): Promise<{ session: unknown; rest: RestOptions; isReplayable: boolean }> {
  const isUser = authMode === 'userPool';
  const session = isUser || authMode === 'iam' ? await base.fetchAuthSession() : undefined;
  if (session && !(isUser ? session.tokens?.idToken : session.credentials)) {
    throw new DiscoveryError('CredentialsMissing', `"${apiName}" is called with ${authMode}, and there are no credentials`, { service: apiName });
  }
  const headers: Record<string, string> = {
    ...(await base.libraryOptions.API?.REST?.headers?.({ apiName })),
    ...(await ofService?.()),
    ...(isUser && { Authorization: `${session?.tokens?.idToken}` }),
    ...(authMode === 'apiKey' && { 'x-api-key': apiKey }),
    ...options.headers,
  };
  const isReplayable = !!options.withCredentials || Object.keys(headers).some((name) => replayable.test(name));
  const rest = { ...options, headers, ...(authMode === 'none' && { defaultAuthMode: 'none' as const }) };
  return { session, rest, isReplayable };
}

function withoutHeaders(options: AmplifyContext['libraryOptions']): object {
  return { ...options, API: { ...options.API, REST: { ...options.API?.REST, headers: undefined } } };
}

import type { Endpoint } from '@amplify-discovery/core';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';

/** A real registry on this machine, and how a test writes to it. */
export interface TestRegistry
  extends AsyncDisposable, Pick<LocalRegistry, 'url' | 'region' | 'apiKey' | 'credentials' | 'requests'> {
  /** The content of an `amplify_outputs.json` that names this registry and trusts this machine. */
  readonly outputs: { readonly custom: { readonly discovery: Record<string, unknown> } };
  /** Adds the endpoint to the stage, or replaces the one of the same id. */
  register(service: string, target: string, more?: Partial<Omit<Endpoint, 'service' | 'target'>>): Promise<void>;
  deregister(service: string, where?: { readonly stage?: string; readonly id?: string }): Promise<void>;
  stop(): Promise<void>;
}

export interface TestRegistryOptions {
  /** Of what is registered, and of the outputs. @default 'test' */
  readonly stage?: string | undefined;
  /** What the outputs trust besides this machine. @default nothing */
  readonly trustedHosts?: readonly string[] | undefined;
}

const owner = 'test';

/**
 * Starts a registry on a free port of 127.0.0.1, in memory: the deployed one's schema and resolvers. It ends with `stop`, or with the
 * scope that it was made in.
 *
 * @example
 * ```ts
 * await using registry = await startTestRegistry();
 * await registry.register('orders', 'http://127.0.0.1:3000');
 * const config = await discover(registry.outputs);
 * ```
 */
export async function startTestRegistry({
  stage: ownStage = 'test',
  trustedHosts = [],
}: TestRegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startLocalRegistry();
  const { url, region, apiKey, credentials, requests, stop } = registry;
  const transport = sigv4Transport(registry);
  return {
    url,
    region,
    apiKey,
    credentials,
    requests,
    outputs: {
      custom: {
        discovery: {
          registry: { url, region, auth: { mode: 'apiKey', apiKey } },
          stage: ownStage,
          trustedHosts: ['127.0.0.1:*', 'localhost:*', ...trustedHosts],
        },
      },
    },
    async register(service, target, { stage = ownStage, expiresAt, ...more } = {}) {
      await registerEndpoint(transport, {
        kind: 'rest',
        ...more,
        ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
        stage,
        service,
        target,
        owner,
      });
    },
    async deregister(service, { stage = ownStage, id = 'default' } = {}) {
      await deregisterEndpoint(transport, { stage, service, id, owner });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

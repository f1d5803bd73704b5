import { createTrust } from '@amplify-discovery/core';
import { Token } from 'aws-cdk-lib';
import type { RegistryAuth } from './registry-auth.ts';
import type { IServiceRegistry } from './registry-reference.ts';
import type { ServiceRegistration } from './service-registration.ts';

export interface DiscoveryDescriptionOptions {
  readonly registry: IServiceRegistry;
  /** The stage, or several: the first that has a service wins, service by service. */
  readonly stage: string | readonly string[];
  /**
   * The registrations whose hosts the app may call.
   *
   * @default none
   */
  readonly registrations?: readonly ServiceRegistration[] | undefined;
  /**
   * Patterns of further hosts that the app may call: `*.example.com`.
   *
   * @default none
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /**
   * How the app reads the registry.
   *
   * @default the registry's `auth`.
   */
  readonly auth?: RegistryAuth | undefined;
}

/** `custom.discovery` of an app's outputs, which `discover(outputs)` reads. */
export interface DiscoveryDescription {
  readonly registry: { readonly url: string; readonly region: string; readonly auth: RegistryAuth };
  readonly stage: string | readonly string[];
  /** Absent when it would be empty: then AWS's API domains in the registry's region are trusted, within limits. */
  readonly trustedHosts?: readonly string[];
}

/**
 * What an app needs to know, with values that are known only when it is deployed as CDK tokens.
 *
 * @throws DiscoveryError `InvalidOptions` for what is no host pattern.
 */
export function describeDiscovery(options: DiscoveryDescriptionOptions): DiscoveryDescription {
  const { registry, stage, registrations = [], trustedHosts = [], auth = registry.auth } = options;
  createTrust({ trustedHosts: trustedHosts.filter((pattern) => !Token.isUnresolved(pattern)) });
  const hosts = registrations.flatMap(({ host }) => (host === undefined ? [] : [host]));
  const listed = [...new Set([...trustedHosts, ...hosts])];
  return {
    registry: { url: registry.url, region: registry.region, auth },
    stage,
    ...(listed.length > 0 && { trustedHosts: listed }),
  };
}

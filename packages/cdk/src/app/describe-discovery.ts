import { createTrust } from '@amplify-discovery/core';
import { Token } from 'aws-cdk-lib';
import { embedJson } from './embed-json.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { RegistryAuth } from '../service-registry/registry-auth.ts';
import type { IServiceRegistry } from '../service-registry/registry-reference.ts';
import type { ServiceRegistration } from '../service-registration/service-registration.ts';
import {
  checkSnapshotLocation,
  type SnapshotKey,
  type SnapshotLocation,
} from '../service-registry/snapshot-location.ts';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';

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
  /**
   * The publisher whose public snapshots the app reads before it asks the registry. It has a distribution.
   *
   * @default none
   */
  readonly publisher?: SnapshotPublisher | undefined;
  /**
   * Snapshots of another publisher; `false` tells the app of none.
   *
   * @default those of the publisher, else those that the registry was joined with.
   */
  readonly snapshot?: SnapshotLocation | false | undefined;
}

/** `custom.discovery` of an app's outputs, which `discover(outputs)` reads. */
export interface DiscoveryDescription {
  readonly registry: { readonly url: string; readonly region: string; readonly auth: RegistryAuth };
  readonly stage: string | readonly string[];
  /** Absent when it would be empty: then AWS's API domains in the registry's region are trusted, within limits. */
  readonly trustedHosts?: readonly string[];
  /** Absent where there is none. */
  readonly snapshot?: {
    readonly url: string;
    /** Absent where signatures aren't looked at; a token where only the deployment knows how many there are, which becomes the list in JSON. */
    readonly trustedKeys?: readonly SnapshotKey[] | number;
  };
}

/**
 * What an app needs to know, with values that are known only when it is deployed as CDK tokens.
 *
 * @throws DiscoveryError `InvalidOptions` for what is no host pattern, and for a publisher that apps can't read from.
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
    ...describeSnapshot(options),
  };
}

function describeSnapshot({
  registry,
  publisher,
  snapshot,
}: DiscoveryDescriptionOptions): Pick<DiscoveryDescription, 'snapshot'> {
  if (snapshot === false) return {};
  if (publisher && !publisher.snapshot)
    refuseConstruct(publisher, 'publisher: it needs a distribution for apps to read its snapshots');
  const found = snapshot ?? publisher?.snapshot ?? registry.snapshot;
  if (!found) return {};
  checkSnapshotLocation(publisher ?? registry, found);
  const { url, trustedKeys } = found;
  if (trustedKeys === undefined) return { snapshot: { url } };
  const keys = typeof trustedKeys === 'string' ? embedJson(trustedKeys) : trustedKeys;
  return { snapshot: { url, trustedKeys: keys as readonly SnapshotKey[] | number } };
}

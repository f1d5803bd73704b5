import { createTrust, isDiscoveryError } from '@amplify-discovery/core';
import { embedJson } from './embed-json.ts';
import { replaceTokens } from '../synthesis/check-settings.ts';
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
   * Patterns of further hosts that the app may call: `*.example.com`. The entry `aws:us-east-1` stands for AWS's API domains
   * in that region, where it may send nothing replayable.
   *
   * @default none
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /**
   * Whether the app may call the hosts of `registrations` and `trustedHosts` alone. Otherwise it may also call AWS's API
   * domains in the registry's region, where other teams' services are, with nothing replayable.
   *
   * @default false
   */
  readonly strictHosts?: boolean | undefined;
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
   * Snapshots of another publisher; `false` for none.
   *
   * @default those of the publisher, else those that the registry was joined with.
   */
  readonly snapshot?: SnapshotLocation | false | undefined;
}

/** `custom.discovery` of an app's outputs, which `discover(outputs)` reads. */
export interface DiscoveryDescription {
  readonly registry: { readonly url: string; readonly region: string; readonly auth: RegistryAuth };
  readonly stage: string | readonly string[];
  /** Absent when it would be empty: that means `aws`, AWS's API domains in the registry's region, within limits. */
  readonly trustedHosts?: readonly string[];
  /** Absent where there is none. */
  readonly snapshot?: {
    readonly url: string;
    /** Absent where signatures aren't looked at; a token where only the deployment knows how many there are, which becomes the list in JSON. */
    readonly trustedKeys?: readonly SnapshotKey[] | number;
  };
}

/**
 * What an app has to know, with CDK tokens for values that only the deployment knows.
 *
 * @throws DiscoveryError `InvalidOptions` for what is not a host pattern, for a strict list without hosts, and for a publisher
 * that apps can't read from.
 */
export function describeDiscovery(options: DiscoveryDescriptionOptions): DiscoveryDescription {
  const { registry, stage, auth = registry.auth } = options;
  const trustedHosts = listHosts(options);
  return {
    registry: { url: registry.url, region: registry.region, auth },
    stage,
    ...(trustedHosts && { trustedHosts }),
    ...describeSnapshot(options),
  };
}

function listHosts(options: DiscoveryDescriptionOptions): readonly string[] | undefined {
  const { registry, registrations = [], trustedHosts = [], strictHosts = false } = options;
  try {
    createTrust({ trustedHosts: trustedHosts.map(replaceTokens) });
  } catch (error) {
    refuseConstruct(registry, isDiscoveryError(error) ? error.message : String(error), error);
  }
  const hosts = registrations.flatMap(({ host }) => (host === undefined ? [] : [host]));
  const listed = [...trustedHosts, ...hosts];
  if (listed.length > 0) return [...new Set(strictHosts ? listed : [...listed, 'aws'])];
  if (strictHosts) refuseConstruct(registry, 'strictHosts: the app could call no host; list some in trustedHosts');
  return undefined;
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

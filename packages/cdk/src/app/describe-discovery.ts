import type { RegistryAuth, SnapshotConfig, TrustedKey } from '@amplify-discovery/core';
import type { ServiceRegistration } from '../service-registration/service-registration.ts';
import type { IServiceRegistry } from '../service-registry/registry-interface.ts';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';
import { checkDiscoveryConfig } from '../synthesis/check-discovery-config.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { embedJson } from './embed-json.ts';

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
   * The regions whose AWS API domains the app may call in this way, where there are several.
   *
   * @default the registry's
   */
  readonly regions?: readonly string[] | undefined;
  /**
   * Whether open pages are notified of changes, over one connection of each browser to the registry. Its publisher makes the
   * notices, or where nothing is published its announcer: it has to have one of the two.
   *
   * @default false: a page learns of a change by its calls, from the age of what it has
   */
  readonly live?: boolean | undefined;
  /**
   * How the app reads the registry.
   *
   * @default the registry's `auth`.
   */
  readonly auth?: RegistryAuth | undefined;
  /**
   * The publisher whose public snapshots the app reads before it asks the registry. It has a distribution.
   *
   * @default the registry's own
   */
  readonly publisher?: SnapshotPublisher | undefined;
  /**
   * Snapshots of another publisher; `false` for none.
   *
   * @default those of the publisher, else those of the registry: its own, or the ones it was joined with.
   */
  readonly snapshot?: SnapshotConfig | false | undefined;
}

/** `custom.discovery` of an app's outputs, which `discover(outputs)` reads. */
export interface DiscoveryDescription {
  /** What apps read first. Absent where there is none. */
  readonly snapshot?: {
    readonly url: string;
    /** Absent where signatures aren't looked at; a token where only the deployment knows how many there are, which becomes the list in JSON. */
    readonly trustedKeys?: readonly TrustedKey[] | number;
  };
  readonly registry: { readonly url: string; readonly region: string; readonly auth: RegistryAuth };
  readonly stage: string | readonly string[];
  /** Absent when it would be empty: that means `aws`, AWS's API domains in the registry's region, within limits. */
  readonly trustedHosts?: readonly string[];
  readonly regions?: readonly string[];
  readonly live?: true;
}

/**
 * What an app has to know, with CDK tokens for values that only the deployment knows.
 *
 * @throws DiscoveryError `InvalidOptions` for what apps would refuse, for a strict list without hosts, and for a publisher
 * that apps can't read from.
 */
export function describeDiscovery(options: DiscoveryDescriptionOptions): DiscoveryDescription {
  const { registry, stage, regions, live, auth = registry.auth } = options;
  const trustedHosts = listHosts(options);
  const snapshot = findSnapshot(options);
  const description = {
    registry: { url: registry.url, region: registry.region, auth },
    stage,
    ...(trustedHosts && { trustedHosts }),
    ...(regions && { regions }),
    ...(live && { live }),
  };
  checkDiscoveryConfig(registry, { ...description, snapshot });
  return { ...(snapshot && { snapshot: describeSnapshot(snapshot) }), ...description };
}

function listHosts(options: DiscoveryDescriptionOptions): readonly string[] | undefined {
  const { registry, registrations = [], trustedHosts = [], strictHosts = false } = options;
  const hosts = registrations.flatMap(({ host }) => (host === undefined ? [] : [host]));
  const listed = [...trustedHosts, ...hosts];
  if (listed.length > 0) return [...new Set(strictHosts ? listed : [...listed, 'aws'])];
  if (strictHosts) refuseConstruct(registry, 'strictHosts: the app could call no host; list some in trustedHosts');
  return undefined;
}

function findSnapshot({ registry, publisher, snapshot }: DiscoveryDescriptionOptions): SnapshotConfig | undefined {
  if (snapshot === false) return undefined;
  if (publisher && !publisher.snapshot)
    refuseConstruct(publisher, 'publisher: it needs a distribution for apps to read its snapshots');
  return snapshot ?? publisher?.snapshot ?? registry.snapshot;
}

function describeSnapshot({ url, trustedKeys }: SnapshotConfig): NonNullable<DiscoveryDescription['snapshot']> {
  if (trustedKeys === undefined) return { url };
  const keys = typeof trustedKeys === 'string' ? embedJson(trustedKeys) : trustedKeys;
  return { url, trustedKeys: keys as readonly TrustedKey[] | number };
}

import { showText } from '../engine/show-text.ts';

/** An instance as Eureka's JSON has it; from a server nothing of it is certain but that it is an object. */
export interface EurekaInstance {
  readonly instanceId: string;
  /** The application's name, in capitals. */
  readonly app: string;
  readonly hostName: string;
  readonly ipAddr: string;
  /** UP, OUT_OF_SERVICE, DOWN, STARTING or UNKNOWN. */
  readonly status: string;
  readonly overriddenStatus: string;
  readonly port: EurekaPort;
  readonly securePort: EurekaPort;
  readonly countryId: number;
  readonly dataCenterInfo: { readonly '@class': string; readonly name: string };
  readonly leaseInfo: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly homePageUrl?: string;
  readonly statusPageUrl?: string;
  readonly vipAddress: string;
  readonly secureVipAddress: string;
  readonly isCoordinatingDiscoveryServer: string;
  readonly lastUpdatedTimestamp: string;
  readonly lastDirtyTimestamp: string;
  readonly actionType: 'ADDED' | 'MODIFIED' | 'DELETED';
}

export interface EurekaPort {
  readonly $: number;
  readonly '@enabled': string;
}

export interface EurekaApplication {
  readonly name: string;
  readonly instance: readonly EurekaInstance[];
}

/**
 * What clients compare after a delta: how many instances have which status, `OUT_OF_SERVICE_1_UP_3_`. It says nothing about
 * which ones they are.
 */
export function hashApplications(instances: Iterable<{ readonly status?: unknown }>): string {
  const counts = new Map<string, number>();
  for (const { status } of instances) counts.set(showText(status), (counts.get(showText(status)) ?? 0) + 1);
  return [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([status, count]) => `${status}_${count}_`)
    .join('');
}

/** Instances by application, applications and instances in the order of their names. */
export function groupApplications(instances: Iterable<EurekaInstance>): readonly EurekaApplication[] {
  const groups = new Map<string, EurekaInstance[]>();
  for (const instance of instances) groups.set(instance.app, [...(groups.get(instance.app) ?? []), instance]);
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, instance]) => ({
      name,
      instance: instance.sort((one, other) => (one.instanceId < other.instanceId ? -1 : 1)),
    }));
}

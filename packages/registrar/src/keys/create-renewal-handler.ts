import { nameKey, type KeyClient } from '@amplify-discovery/aws';
import { DiscoveryError } from '@amplify-discovery/core';
import { planRenewal } from './plan-renewal.ts';

export interface RenewalOptions {
  readonly apiId: string;
  /** The keys that are kept alive. */
  readonly keyIds: readonly string[];
  readonly appsync: Pick<KeyClient, 'listKeys' | 'extendKey'>;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** The metric that the function writes: how many days the key that expires first has left. */
export const keyMetric = { namespace: 'AmplifyDiscovery', name: 'ApiKeyDaysLeft', dimension: 'ApiId' } as const;

const dayMilliseconds = 24 * 60 * 60 * 1000;

/**
 * The handler of the schedule that keeps API keys alive. It renews what is due, and writes how long the keys have left as a metric
 * in its log (CloudWatch's embedded metric format), also where renewing fails.
 *
 * @throws DiscoveryError from the returned handler: `RegistryDenied`, `RegistryUnavailable`, `InvalidOptions` for keys that are
 * gone.
 */
export function createRenewalHandler(options: RenewalOptions): () => Promise<void> {
  const { apiId, keyIds, appsync, now, log } = options;
  return async () => {
    const listed = await appsync.listKeys(apiId);
    const { renewals, expires, gone } = planRenewal(keyIds, listed, now());
    const ends = new Map(listed.filter(({ id }) => keyIds.includes(id)).map((key) => [key.id, key.expires]));
    const failures: DiscoveryError[] = gone.map(
      (id) =>
        new DiscoveryError('InvalidOptions', `API key ${nameKey(id)} is gone: deploy the registry with another one`),
    );
    for (const key of renewals) {
      try {
        const renewed = await appsync.extendKey(apiId, key, expires);
        ends.set(key.id, renewed.expires);
        log(JSON.stringify({ renewed: nameKey(key.id), until: new Date(renewed.expires * 1000).toISOString() }));
      } catch (error) {
        failures.push(error as DiscoveryError);
      }
    }
    const first = gone.length > 0 ? 0 : Math.min(...ends.values());
    log(describeMetric(apiId, first * 1000 - now().getTime(), now()));
    for (const failure of failures) log(JSON.stringify({ failed: failure.message }));
    if (failures[0]) throw failures[0];
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function describeMetric(apiId: string, leftMilliseconds: number, now: Date): string {
  const { namespace: Namespace, name, dimension } = keyMetric;
  return JSON.stringify({
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [{ Namespace, Dimensions: [[dimension]], Metrics: [{ Name: name, Unit: 'Count' }] }],
    },
    [dimension]: apiId,
    [name]: Math.max(0, Math.floor(leftMilliseconds / dayMilliseconds)),
  });
}

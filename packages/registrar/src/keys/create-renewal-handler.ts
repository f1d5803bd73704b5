import { DiscoveryError } from '@amplify-discovery/core';
import { planRenewal, type ListedKey } from './plan-renewal.ts';

export interface RenewalOptions {
  readonly apiId: string;
  /** The keys that are kept alive. */
  readonly keyIds: readonly string[];
  /** AppSync's control plane: `https://appsync.eu-west-1.amazonaws.com`. */
  readonly endpoint: string;
  /** Signs for `appsync`. */
  readonly fetch: typeof globalThis.fetch;
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
  const { apiId, keyIds, endpoint, fetch, now, log } = options;
  const keysUrl = `${endpoint}/v1/apis/${encodeURIComponent(apiId)}/apikeys`;

  async function call<T>(what: string, url: string, init?: RequestInit): Promise<T> {
    const response = await fetch(url, init).catch((cause: unknown) => {
      throw new DiscoveryError('RegistryUnavailable', `${what}: AppSync did not answer`, { cause });
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    const code = response.status === 401 || response.status === 403 ? 'RegistryDenied' : 'RegistryUnavailable';
    throw new DiscoveryError(code, `${what}: AppSync answered HTTP ${response.status}, ${text.slice(0, 500)}`);
  }

  async function listKeys(): Promise<readonly ListedKey[]> {
    const keys: ListedKey[] = [];
    let nextToken: string | null | undefined;
    do {
      const query = nextToken ? `?nextToken=${encodeURIComponent(nextToken)}` : '';
      const page: { apiKeys?: readonly ListedKey[]; nextToken?: string | null } = await call(
        `The API keys of ${apiId} could not be listed`,
        keysUrl + query,
      );
      keys.push(...(page.apiKeys ?? []));
      ({ nextToken } = page);
    } while (nextToken);
    return keys;
  }

  async function renew({ id, description }: ListedKey, expires: number): Promise<ListedKey> {
    const what = `API key ${nameKey(id)} could not be renewed`;
    const { apiKey } = await call<{ apiKey: ListedKey }>(what, `${keysUrl}/${encodeURIComponent(id)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // A description that is left out may be taken for an empty one.
      body: JSON.stringify({ expires, description }),
    });
    log(JSON.stringify({ renewed: nameKey(id), until: new Date(apiKey.expires * 1000).toISOString() }));
    return apiKey;
  }

  return async () => {
    const listed = await listKeys();
    const { renewals, expires, gone } = planRenewal(keyIds, listed, now());
    const ends = new Map(listed.filter(({ id }) => keyIds.includes(id)).map((key) => [key.id, key.expires]));
    const failures: DiscoveryError[] = gone.map(
      (id) =>
        new DiscoveryError('InvalidOptions', `API key ${nameKey(id)} is gone: deploy the registry with another one`),
    );
    for (const key of renewals) {
      try {
        ends.set(key.id, (await renew(key, expires)).expires);
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

/** Enough to tell keys apart, and no key: logs are read by more people than may read the registry. */
function nameKey(id: string): string {
  return `${id.slice(0, 8)}…`;
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

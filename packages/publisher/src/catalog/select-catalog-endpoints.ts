import { isDiscoveryError, parseEndpoint, type Endpoint } from '@amplify-discovery/core';

/** A record that has no place in a catalog, and why. */
export interface SkippedRecord {
  readonly service: string;
  readonly id: string;
  readonly reason: string;
}

export interface CatalogEndpoints {
  /** In the order of service and id, so that equal stages are equal files. */
  readonly endpoints: readonly Endpoint[];
  readonly skipped: readonly SkippedRecord[];
}

/**
 * The endpoints of a stage that may be shown to everyone: public, on the internet, and taking calls from anyone now.
 *
 * @param records As a source gave them. What is not public is left out without a word, because catalogs' logs are read by more
 * people than the registry.
 */
export function selectCatalogEndpoints(records: readonly unknown[], stage: string, now: number): CatalogEndpoints {
  const endpoints: Endpoint[] = [];
  const skipped: SkippedRecord[] = [];
  for (const record of records) {
    if ((record as { readonly public?: unknown } | null)?.public !== true) continue;
    const { service, id } = record as { readonly service?: unknown; readonly id?: unknown };
    try {
      const endpoint = parseEndpoint(record, stage);
      const reason = findReason(endpoint, now);
      if (reason === undefined) endpoints.push(endpoint);
      else skipped.push({ service: endpoint.service, id: endpoint.id, reason });
    } catch (error) {
      if (!isDiscoveryError(error)) throw error;
      skipped.push({ service: String(service), id: String(id ?? 'default'), reason: error.message });
    }
  }
  const keyOf = (endpoint: Endpoint) => `${endpoint.service}#${endpoint.id}`;
  endpoints.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  return { endpoints, skipped };
}

function findReason({ target, tenant, weight, expiresAt = Infinity }: Endpoint, now: number): string | undefined {
  if (target.startsWith('arn:')) return 'it is called by its ARN';
  if (!/^(https|wss):/.test(target)) return 'its URL is not secure';
  if (tenant !== undefined) return "it is one tenant's own";
  if (weight === 0) return 'its weight is 0';
  return expiresAt <= now ? 'it has expired' : undefined;
}

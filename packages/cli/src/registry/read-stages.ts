import { type ListedEndpoint, listEndpoint, listRecord } from '@amplify-discovery/console';
import { parseSnapshot } from '@amplify-discovery/core';
import { listStageRecords, type RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import type { Connection } from './connect-registry.ts';

/** What was read from a registry. */
export interface Listing {
  readonly endpoints: readonly ListedEndpoint[];
  /** Why records were skipped. */
  readonly rejected: readonly string[];
}

/** The endpoints of the stages, whatever their hosts, limited to `services` if given. */
export async function readStages(
  { source }: Pick<Connection, 'source'>,
  stages: readonly string[],
  signal: AbortSignal,
  services?: readonly string[],
): Promise<Listing> {
  const endpoints: ListedEndpoint[] = [];
  const rejected: string[] = [];
  for (const stage of stages) {
    const snapshot = parseSnapshot(await source.load({ stage, services, signal }), stage, () => 'listed');
    for (const [service, found] of snapshot.services) {
      if (services?.includes(service) ?? true) endpoints.push(...found.map(listEndpoint));
    }
    rejected.push(...snapshot.rejected.map((error) => error.message));
  }
  return { endpoints, rejected };
}

/** The listing with owner, token and times, which only signed requests may read; `services` as it was read with. */
export async function addOwners(
  { transport, operation }: Connection,
  { endpoints, rejected }: Listing,
  services?: readonly string[],
): Promise<Listing> {
  const records = new Map<string, RegisteredEndpoint>();
  for (const stage of new Set(endpoints.map((endpoint) => endpoint.stage))) {
    for (const record of await listStageRecords(transport, stage, { ...operation, services }))
      records.set(keyOf(record), record);
  }
  const withOwners = endpoints.map((endpoint) => {
    const record = records.get(keyOf(endpoint));
    return record ? listRecord(record) : endpoint;
  });
  return { endpoints: withOwners, rejected };
}

function keyOf({ stage, service, id }: Pick<ListedEndpoint, 'stage' | 'service' | 'id'>): string {
  return [stage, service, id].join('\n');
}

import { DiscoveryError } from '../discovery-error.ts';
import type { FindTrust } from '../trust/trust.ts';
import { isName, parseEndpoint, type Endpoint } from './endpoint.ts';
import { isTrusted } from './is-trusted.ts';
import { findOrigin } from './origin.ts';

/** What a service's records come to. */
export interface ServiceRecords {
  /** The callable ones, in the order the source gave them. */
  readonly endpoints: readonly Endpoint[];
  /** Why the others were left out: malformed, or on a host that is not trusted. */
  readonly rejected: readonly DiscoveryError[];
}

/**
 * All endpoints of one stage at one revision. A record is checked when its service is first asked for, because most
 * readers of a large stage call few of its services; `endpoints`, `services` and `rejected` check all.
 */
export interface Snapshot extends ServiceRecords {
  readonly stage: string;
  readonly revision: string;
  /** As the source gave them. */
  readonly records: readonly unknown[];
  /** Of all services that have records, whether these are callable or not. */
  readonly names: readonly string[];
  /** The callable endpoints by service name. */
  readonly services: ReadonlyMap<string, readonly Endpoint[]>;
  find(service: string): ServiceRecords;
}

const nothing: ServiceRecords = { endpoints: [], rejected: [] };
/** The group of records whose service has no valid name. */
const nameless = '';

/**
 * Makes a snapshot of untrusted records. A record that is malformed or whose host is not trusted is left out and listed in
 * `rejected`; the others are unaffected.
 *
 * @param reportRejected Called once for each record that is left out, when it is found.
 * @throws DiscoveryError `RegistryUnavailable` when the answer as a whole is not a snapshot.
 */
export function parseSnapshot(
  answer: unknown,
  stage: string,
  findTrust: FindTrust,
  reportRejected: (error: DiscoveryError) => void = () => {},
): Snapshot {
  const { revision, records } = readAnswer(answer, stage);
  const indexes = new Map<string, number[]>();
  // A record of a service that is never called costs no more than this.
  for (let index = 0; index < records.length; index++) {
    const name = readName(records[index]);
    const group = indexes.get(name);
    if (group) group.push(index);
    else indexes.set(name, [index]);
  }
  const checked = new Map<number, Endpoint>();
  const found = new Map<string, ServiceRecords>();

  function find(service: string): ServiceRecords {
    const known = found.get(service) ?? (indexes.has(service) ? undefined : nothing);
    if (known) return known;
    const endpoints: Endpoint[] = [];
    const rejected: DiscoveryError[] = [];
    for (const index of indexes.get(service) ?? []) {
      try {
        const endpoint = parseEndpoint(unfold(records[index]), stage);
        requireTrust(endpoint, findTrust);
        endpoints.push(endpoint);
        checked.set(index, endpoint);
      } catch (error) {
        rejected.push(error as DiscoveryError);
      }
    }
    const group = { endpoints, rejected };
    found.set(service, group);
    for (const error of rejected) reportRejected(error);
    return group;
  }

  let all: Pick<Snapshot, 'endpoints' | 'services' | 'rejected'> | undefined;
  function findAll() {
    if (all) return all;
    const groups = [...indexes.keys()].map((service) => [service, find(service)] as const);
    return (all = {
      endpoints: records.flatMap((_, index) => checked.get(index) ?? []),
      services: new Map(
        groups.filter(([, { endpoints }]) => endpoints.length).map(([service, { endpoints }]) => [service, endpoints]),
      ),
      rejected: groups.flatMap(([, { rejected }]) => rejected),
    });
  }

  find(nameless);
  return {
    stage,
    revision,
    records,
    find,
    get names() {
      return [...indexes.keys()].filter((name) => name !== nameless);
    },
    get endpoints() {
      return findAll().endpoints;
    },
    get services() {
      return findAll().services;
    },
    get rejected() {
      return findAll().rejected;
    },
  };
}

function readAnswer(
  answer: unknown,
  stage: string,
): { readonly revision: string; readonly records: readonly unknown[] } {
  try {
    const { revision, endpoints } = answer as { revision: unknown; endpoints: unknown };
    if (typeof revision === 'string' && Array.isArray(endpoints)) return { revision, records: endpoints };
    throw new TypeError('No revision or no endpoints');
  } catch (cause) {
    throw new DiscoveryError('RegistryUnavailable', `What came for "${stage}" is not a snapshot`, { stage, cause });
  }
}

/** Storage may keep a record folded: its `service`, and `toJSON` for the whole. What came as JSON has no functions. */
function unfold(record: unknown): unknown {
  try {
    const { toJSON } = Object(record) as { readonly toJSON?: unknown };
    return typeof toJSON === 'function' ? toJSON.call(record) : record;
  } catch {
    // As it stands it is malformed, too, and says of which service.
    return record;
  }
}

function readName(record: unknown): string {
  try {
    const { service } = record as { service: unknown };
    return isName(service) ? service : nameless;
  } catch {
    return nameless;
  }
}

function requireTrust(endpoint: Endpoint, findTrust: FindTrust): void {
  if (isTrusted(endpoint, findTrust)) return;
  const { stage, service, target } = endpoint;
  const what = target.startsWith('arn:') ? target : `host ${new URL(target).host}`;
  const origin = findOrigin(endpoint);
  const why = origin === undefined ? '' : `: what comes from ${origin} must be listed`;
  const message = `Endpoint of "${service}" in "${stage}": ${what} is not trusted${why}`;
  throw new DiscoveryError('UntrustedEndpoint', message, { service, stage });
}

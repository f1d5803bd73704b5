import { isName, raceAbort, throwIfAborted, type SourceRequest } from '@amplify-discovery/core';
import { hashRecords } from '../engine/hash-records.ts';
import { markOrigin } from '../engine/mark-origin.ts';
import type { WatchedSource } from '../engine/watched-source.ts';
import { createConsulClient, type ConsulCall, type ConsulOptions } from './consul-client.ts';
import { chooseHealthy, makeFilter, readInstance } from './read-instance.ts';

export interface ConsulSourceOptions extends ConsulOptions {
  /**
   * The name that a service of Consul has here; undefined leaves it out.
   *
   * @default its own
   */
  readonly findName?: ((name: string, stage: string) => string | undefined) | undefined;
}

/** What was read last of a stage. */
interface KnownStage {
  /** What Consul said of the whole: while it stays the same, so do the records. */
  readonly state: string;
  readonly servicesIndex: bigint;
  readonly checksIndex: bigint;
  readonly records: readonly object[];
  readonly isPartial: boolean;
}

/** At a time. */
const maximumRequests = 8;

/**
 * Consul as a source: instances that are called by https. Their meta has the `url`; or they have the tag `https` (`scheme` in
 * the meta does it too) and an address of their own, and may have a `path`. Proxies and what a bridge has copied there are left
 * out, and so are instances whose checks fail while others of the service pass.
 *
 * An unchanged stage costs two small reads. `waitForChange` asks Consul to answer when something changes.
 *
 * Hosts of these records have no derived trust: list them.
 *
 * @example
 * ```ts
 * const source = createConsulSource({ url: 'http://127.0.0.1:8500', stageBy: 'tag' });
 * const snapshot = await source.load({ stage: 'prod', signal: AbortSignal.timeout(5000) });
 * ```
 */
export function createConsulSource(options: ConsulSourceOptions): WatchedSource {
  const { stageBy = 'meta', findName = (name: string) => name } = options;
  const client = createConsulClient(options);
  const known = new Map<string, KnownStage>();

  async function readStage(call: ConsulCall): Promise<KnownStage> {
    const { stage } = call;
    if (!(await client.hasDatacenter(call))) {
      return { state: '', servicesIndex: 0n, checksIndex: 0n, records: [], isPartial: false };
    }
    // Read first: what changes in between is read twice, not missed.
    const [services, checks] = await Promise.all([
      client.listServices(makeFilter('Service', stage, stageBy), call),
      client.listCriticalChecks(call),
    ]);
    const failing = checks.value.map(({ Node, ServiceID, CheckID }) => [Node, ServiceID, CheckID].join('\n')).sort();
    const state = JSON.stringify([String(services.index), services.value, failing]);
    const last = known.get(stage);
    // A token that saw a part may see more by now.
    if (last?.state === state && !last.isPartial) return { ...last, checksIndex: checks.index };

    const names = Object.keys(services.value).flatMap((name) => {
      const service = findName(name, stage);
      return service !== undefined && isName(service) ? [{ name, service }] : [];
    });
    let isPartial = services.isFiltered || checks.isFiltered;
    const readService = async ({ name, service }: { name: string; service: string }) => {
      const answer = await client.readService(name, makeFilter('Service.', stage, stageBy), call);
      isPartial ||= answer.isFiltered;
      // There, names are the same in capitals and small letters; the list has both.
      const entries = answer.value.filter(({ Service }) => Service.Service === name);
      const records = entries.flatMap((entry) => {
        const record = readInstance(entry, { stage, service }, stageBy);
        return record ? [{ ...entry, record: markOrigin(record, client.name) }] : [];
      });
      return chooseHealthy(records).map(({ record }) => record);
    };
    const records: object[] = [];
    for (let start = 0; start < names.length; start += maximumRequests) {
      const batch = names.slice(start, start + maximumRequests);
      records.push(...(await Promise.all(batch.map(readService))).flat());
    }
    return { state, servicesIndex: services.index, checksIndex: checks.index, records, isPartial };
  }

  return {
    name: client.name,
    async load({ stage, knownRevision, signal }: SourceRequest) {
      const state = await readStage({ stage, signal });
      known.set(stage, state);
      const revision = hashRecords(state.records);
      if (revision === knownRevision) return { unchanged: true, revision };
      return { revision, endpoints: state.records, ...(state.isPartial && { partial: true }) };
    },
    async waitForChange({ stage, signal }) {
      const last = known.get(stage);
      if (!last) return;
      // No datacenter yet: Consul can't wait for one.
      if (last.state === '') return raceAbort(new Promise(() => {}), signal);
      const stop = new AbortController();
      const call = { stage, signal: AbortSignal.any([signal, stop.signal]) };
      const waits = [
        client.waitForServices(last.servicesIndex, call),
        client.waitForCriticalChecks(last.checksIndex, call),
      ];
      try {
        await Promise.race(waits);
      } finally {
        stop.abort();
        await Promise.allSettled(waits);
      }
      throwIfAborted(signal);
    },
  };
}

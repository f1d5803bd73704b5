import { checkSourceUrl, DiscoveryError, type Source } from '@amplify-discovery/core';
import { hashRecords } from '../engine/hash-records.ts';
import { markOrigin } from '../engine/mark-origin.ts';
import { requestJson } from '../engine/request-json.ts';
import { applyDelta, readApplications, type Instances } from './read-applications.ts';
import { readRecord, type StageBy } from './read-record.ts';

export interface EurekaOptions {
  /** The service URL that Eureka's clients have: `https://eureka.internal/eureka`; http on this machine only. */
  readonly url: string;
  /** What a stage is there: the entry `stage` or `zone` of an instance's metadata, or all of Eureka. @default 'any' */
  readonly stageBy?: StageBy | undefined;
  /** `user:password`, where Eureka wants it. */
  readonly auth?: string | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Of each request, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** Eureka keeps its changes for 180 seconds, and caches its answers for 30. */
const maximumDeltaAgeMs = 120_000;

/**
 * Eureka as a source: instances that are UP and may be called, by `url` in their metadata, their secure port (with `path` of
 * the metadata), a home page or status page over https, or on this machine over http. After the first read it asks for
 * changes, and for all where they don't add up to the server's hash.
 *
 * Hosts of these records have no derived trust: list them.
 *
 * @throws DiscoveryError `InvalidOptions`
 *
 * @example
 * ```ts
 * const source = createEurekaSource({ url: 'https://eureka.internal/eureka' });
 * const snapshot = await source.load({ stage: 'prod', signal: AbortSignal.timeout(5000) });
 * ```
 */
export function createEurekaSource(options: EurekaOptions): Source {
  const { stageBy = 'any', auth, fetch = globalThis.fetch, timeoutMs, now = Date.now } = options;
  const base = checkSourceUrl(options.url, 'eureka').href.replace(/\/+$/, '');
  const name = `eureka:${base}${stageBy === 'any' ? '' : `?stage=${stageBy}`}`;
  const authorization = auth === undefined ? undefined : `Basic ${Buffer.from(auth).toString('base64')}`;
  const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) };
  let known: { readonly instances: Instances; readonly readAt: number } | undefined;

  async function ask(path: string, stage: string, signal: AbortSignal) {
    const { body, status } = await requestJson({
      name,
      stage,
      fetch,
      url: `${base}${path}`,
      headers,
      signal,
      timeoutMs,
      // Without deltas the server answers 403 or 404.
      accepts: (code) => code === 200 || (path === '/apps/delta' && (code === 403 || code === 404)),
    });
    return status === 200 ? readApplications(body) : undefined;
  }

  async function readInstances(stage: string, signal: AbortSignal): Promise<Instances> {
    // The time of the question: what changes during the answer is in the next delta.
    const readAt = now();
    const last = known;
    const isRecent = last !== undefined && Math.abs(readAt - last.readAt) < maximumDeltaAgeMs;
    const delta = isRecent ? await ask('/apps/delta', stage, signal) : undefined;
    let instances = last && delta && applyDelta(last.instances, delta);
    if (!instances) {
      const all = await ask('/apps', stage, signal);
      if (!all) {
        throw new DiscoveryError('RegistryUnavailable', `"${stage}" in ${name}: the answer is not Eureka’s`, { stage });
      }
      ({ instances } = all);
    }
    known = { instances, readAt };
    return instances;
  }

  return {
    name,
    async load({ stage, knownRevision, signal }) {
      const instances = await readInstances(stage, signal);
      const endpoints = [...instances.values()].flatMap((instance) => {
        const record = readRecord(stage, stageBy, instance);
        return record ? [markOrigin(record, name)] : [];
      });
      const revision = hashRecords(endpoints);
      return revision === knownRevision ? { unchanged: true, revision } : { revision, endpoints };
    },
  };
}

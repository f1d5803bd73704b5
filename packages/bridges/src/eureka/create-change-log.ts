import type { EurekaInstance } from './applications.ts';

/** What a facade has to say about the last minutes. */
export interface ChangeLog {
  /** Takes note of what the stage has at a revision. */
  observe(revision: string, instances: readonly EurekaInstance[]): void;
  /** Counts the observations that were different from the one before. */
  readonly version: () => number;
  /**
   * Each instance that has changed lately, once, as it is now or was at last; undefined where it has not been observed for long
   * enough to know.
   */
  readonly list: () => readonly EurekaInstance[] | undefined;
}

/** As long as Eureka's own, whose clients ask every 30 seconds. */
const retentionMs = 180_000;

/**
 * Records changes between observations. The hash that clients compare counts instances only, so an answer that leaves out one
 * change would not be noticed: nothing is said before there was time to see them all.
 *
 * @param now Milliseconds since the epoch.
 */
export function createChangeLog(now: () => number): ChangeLog {
  let present: ReadonlyMap<string, EurekaInstance> | undefined;
  let presentRevision: string | undefined;
  let since = 0;
  let version = 1;
  const changes = new Map<string, { readonly instance: EurekaInstance; readonly at: number }>();

  return {
    observe(revision, instances) {
      if (revision === presentRevision) return;
      presentRevision = revision;
      const next = new Map(instances.map((instance) => [`${instance.app}/${instance.instanceId}`, instance]));
      const at = now();
      if (present === undefined) since = at;
      const record = (key: string, instance: EurekaInstance) => changes.set(key, { instance, at });
      let isOther = false;
      for (const [key, instance] of present ?? []) {
        const after = next.get(key);
        if (JSON.stringify(after) === JSON.stringify(instance)) continue;
        isOther = true;
        record(key, after ? { ...after, actionType: 'MODIFIED' } : { ...instance, actionType: 'DELETED' });
      }
      for (const [key, instance] of present ? next : []) {
        if (present?.has(key)) continue;
        isOther = true;
        record(key, instance);
      }
      if (isOther) version += 1;
      present = next;
    },
    version: () => version,
    list() {
      const from = now() - retentionMs;
      for (const [key, { at }] of changes) if (at < from) changes.delete(key);
      return present === undefined || since > from ? undefined : [...changes.values()].map(({ instance }) => instance);
    },
  };
}

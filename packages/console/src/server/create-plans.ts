import { randomUUID } from 'node:crypto';
import type { PlannedChange } from '../console-backend.ts';

/** Plans that were shown and wait to be written. */
export interface Plans {
  /** Its id. */
  keep(plan: PlannedChange): string;
  /** Gives each plan once; undefined for one that is unknown, taken or too old. */
  take(id: string): PlannedChange | undefined;
}

const longestMs = 10 * 60_000;
const maximum = 20;

export function createPlans(now: () => number): Plans {
  const kept = new Map<string, { readonly plan: PlannedChange; readonly until: number }>();
  return {
    keep(plan) {
      const id = randomUUID();
      kept.set(id, { plan, until: now() + longestMs });
      const [oldest] = kept.keys();
      if (kept.size > maximum && oldest !== undefined) kept.delete(oldest);
      return id;
    },
    take(id) {
      const found = kept.get(id);
      kept.delete(id);
      return found && found.until > now() ? found.plan : undefined;
    },
  };
}

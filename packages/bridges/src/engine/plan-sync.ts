import type { Endpoint } from '@amplify-discovery/core';
import type { PresentObject, Target } from './target.ts';

export interface SyncInput {
  /** What shall stand in the target: the source's endpoints after filter and mapping. */
  readonly wanted: readonly Endpoint[];
  /** What stands there now, foreign objects included. */
  readonly present: readonly PresentObject[];
  /** The bridge's own. */
  readonly mark: string;
  /** False when either side could not be read whole. */
  readonly isComplete: boolean;
}

/** When a smaller answer is believed. */
export interface RemovalLimits {
  /** Removes the last endpoints too. @default false */
  readonly allowEmpty?: boolean | undefined;
  /**
   * Nothing is removed when less than this share of what the bridge has copied is still wanted, 0 to 1. An outage of a source
   * looks like a mass removal.
   *
   * @default 0.5
   */
  readonly minimumShare?: number | undefined;
}

export interface SyncPlan {
  /** To be written first, so that what moves from one key to another is never missing. */
  readonly puts: readonly Endpoint[];
  /** To be removed afterwards, and only if every write has succeeded. */
  readonly removals: readonly PresentObject[];
  readonly skipped: readonly SkippedEndpoint[];
  /** Copies that are right as they are. */
  readonly unchanged: number;
  /** Why copies that are no longer wanted stay for now. */
  readonly withheld?: Withheld | undefined;
}

/** `incomplete`: a side was not read whole. `empty`, `smaller`: see `RemovalLimits`. */
export interface Withheld {
  readonly reason: 'incomplete' | 'empty' | 'smaller';
  readonly removals: number;
}

export interface SkippedEndpoint {
  readonly endpoint: Endpoint;
  /** For people: `the key "users" is held by another owner`. */
  readonly reason: string;
}

/**
 * What turns the target's present state into the wanted one, touching only objects with the bridge's own mark.
 *
 * The rules come from outages of other people's sync tools: no removal on an incomplete, empty or much smaller answer, a mark
 * on every copy, and what cannot be expressed is skipped, not retried.
 *
 * @example
 * ```ts
 * import type { Endpoint } from '@amplify-discovery/core';
 *
 * const describe = ({ service, id, target }: Endpoint) => ({ key: `${service}/${id}`, content: target });
 * const present = [{ key: 'orders/default', content: 'https://orders.example.com', mark: 'blue' }];
 * planSync({ wanted: [], present, mark: 'blue', isComplete: true }, describe).withheld; // { reason: 'empty', removals: 1 }
 * ```
 */
export function planSync(
  { wanted, present, mark, isComplete }: SyncInput,
  describe: Target['describe'],
  { allowEmpty = false, minimumShare = 0.5 }: RemovalLimits = {},
): SyncPlan {
  const byKey = new Map(present.map((object) => [object.key, object]));
  const own = present.filter((object) => object.mark === mark);
  const wantedKeys = new Set<string>();
  const puts: Endpoint[] = [];
  const skipped: SkippedEndpoint[] = [];
  let unchanged = 0;

  for (const endpoint of wanted) {
    const form = describe(endpoint);
    if ('fault' in form) {
      skipped.push({ endpoint, reason: form.fault });
      continue;
    }
    const { key, content } = form;
    const holder = byKey.get(key);
    if (holder && holder.mark !== mark) {
      const by = holder.mark === undefined ? 'another owner' : `the bridge "${holder.mark}"`;
      skipped.push({ endpoint, reason: `the key "${key}" is held by ${by}` });
    } else if (wantedKeys.has(key)) {
      skipped.push({ endpoint, reason: `another endpoint has the key "${key}" too` });
    } else {
      wantedKeys.add(key);
      if (holder?.content === content) unchanged += 1;
      else puts.push(endpoint);
    }
  }

  const removals = own.filter((object) => !wantedKeys.has(object.key));
  const withhold = (reason: Withheld['reason']): SyncPlan => ({
    puts,
    removals: [],
    skipped,
    unchanged,
    withheld: { reason, removals: removals.length },
  });
  if (removals.length > 0) {
    if (!isComplete) return withhold('incomplete');
    if (wantedKeys.size === 0) {
      if (!allowEmpty) return withhold('empty');
    } else if (wantedKeys.size < own.length * minimumShare) return withhold('smaller');
  }
  return { puts, removals, skipped, unchanged };
}

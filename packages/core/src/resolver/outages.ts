import { measureAge } from './freshness.ts';

/** What was found unreachable again and again stays out of the choice for this many times `recheckSeconds` at most. */
const maximumFactor = 60;

/** Which targets callers have found unreachable a short time ago. Nothing asks them meanwhile: the next call after that does. */
export interface Outages {
  has(target: string, time: number): boolean;
  /** Leaves a target out for `recheckSeconds`, and for twice as long each time that it is found so again. */
  note(target: string, time: number): void;
}

/**
 * Makes the memory of one resolver.
 *
 * A kept connection that the other side has closed counts as an outage too: the error of fetch doesn't say whether its
 * connection was used before, and a reset of a new one is a reason to go elsewhere. The mistake is short, because only
 * what is found so again after `recheckSeconds` is left out for longer.
 */
export function createOutages(recheckSeconds: number): Outages {
  const least = Math.max(recheckSeconds, 1);
  const maximumSeconds = least * maximumFactor;
  const outages = new Map<string, { readonly since: number; readonly seconds: number }>();
  const isWithin = (time: number, since: number, seconds: number) => measureAge(time, since) < seconds;

  const has: Outages['has'] = (target, time) => {
    const outage = outages.get(target);
    return !!outage && isWithin(time, outage.since, outage.seconds);
  };
  return {
    has,
    note(target, time) {
      // Calls that were under way together are one outage.
      if (has(target, time)) return;
      for (const [known, { since, seconds }] of outages) {
        if (!isWithin(time, since, seconds + maximumSeconds)) outages.delete(known);
      }
      const { seconds = least / 2 } = outages.get(target) ?? {};
      outages.set(target, { since: time, seconds: Math.min(seconds * 2, maximumSeconds) });
    },
  };
}

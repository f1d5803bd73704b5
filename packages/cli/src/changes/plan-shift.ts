import { DiscoveryError } from '@amplify-discovery/core';
import type { RegisteredEndpoint } from '@amplify-discovery/registry/operations';

/** One endpoint's new share. */
export interface WeightChange {
  readonly record: RegisteredEndpoint;
  readonly weight: number;
}

/** The sum of a service's weights after a shift. */
const total = 1000;

/**
 * The weights that give the named endpoints these percentages of the traffic of their priority; the others share the
 * rest in proportion to their weights, or evenly if those are all 0. Contains only records whose weight changes, increases
 * first, so that there is always an endpoint to serve.
 *
 * @throws DiscoveryError `InvalidOptions` for shares that don't add up, `ServiceNotFound` for an id that is not there.
 */
export function planShift(
  records: readonly RegisteredEndpoint[],
  shares: ReadonlyMap<string, number>,
): readonly WeightChange[] {
  for (const id of shares.keys()) {
    if (!records.some((record) => record.id === id)) {
      throw new DiscoveryError(
        'ServiceNotFound',
        `There is no endpoint "${id}"; there are ${records.map((record) => record.id).join(', ') || 'none'}`,
      );
    }
  }
  const priorities = new Set(records.filter(({ id }) => shares.has(id)).map(({ priority }) => priority));
  if (priorities.size > 1) {
    throw new DiscoveryError(
      'InvalidOptions',
      `--to names endpoints of the priorities ${[...priorities].sort().join(' and ')}; traffic is shared within one`,
    );
  }
  const peers = records.filter(({ priority }) => priorities.has(priority));
  const named = [...shares.values()].reduce((sum, share) => sum + share, 0);
  const others = peers.filter(({ id }) => !shares.has(id));
  if (named > 100 || (others.length === 0 && named !== 100)) {
    throw new DiscoveryError(
      'InvalidOptions',
      `--to: the shares add up to ${named} %${others.length === 0 ? ', and there is no other endpoint' : ''}`,
    );
  }
  const rest = total - [...shares.values()].reduce((sum, share) => sum + toWeight(share), 0);
  const split = splitRest(rest, others);
  return peers
    .map((record) => ({
      record,
      weight: shares.has(record.id) ? toWeight(shares.get(record.id) ?? 0) : (split.get(record) ?? 0),
    }))
    .filter(({ record, weight }) => record.weight !== weight)
    .sort((left, right) => right.weight - right.record.weight - (left.weight - left.record.weight));
}

function toWeight(share: number): number {
  return Math.round((share * total) / 100);
}

/** Whole weights with exactly this sum, by the method of largest remainders. */
function splitRest(rest: number, records: readonly RegisteredEndpoint[]): ReadonlyMap<RegisteredEndpoint, number> {
  const sum = records.reduce((all, { weight }) => all + weight, 0);
  const exact = records.map((record) => ({
    record,
    share: (rest * (sum > 0 ? record.weight : 1)) / (sum > 0 ? sum : records.length),
  }));
  const weights = new Map(exact.map(({ record, share }) => [record, Math.floor(share)]));
  const left = rest - [...weights.values()].reduce((all, weight) => all + weight, 0);
  const byRemainder = [...exact].sort((one, other) => (other.share % 1) - (one.share % 1));
  for (const { record } of byRemainder.slice(0, left)) weights.set(record, (weights.get(record) ?? 0) + 1);
  return weights;
}

import { isDeepStrictEqual } from 'node:util';
import type { Endpoint } from '@amplify-discovery/core';

/** One difference between two snapshots of a stage. */
export interface EndpointDifference {
  readonly change: 'registered' | 'updated' | 'deregistered';
  /** As it is now; as it was before where it is gone. */
  readonly endpoint: Endpoint;
  /** What was updated, by the fields' names. */
  readonly fields: readonly string[];
}

/** What changed from one set of endpoints to another, by service and id. */
export function diffEndpoints(before: Iterable<Endpoint>, after: Iterable<Endpoint>): readonly EndpointDifference[] {
  const old = new Map([...before].map((endpoint) => [keyOf(endpoint), endpoint]));
  const differences: EndpointDifference[] = [];
  for (const endpoint of after) {
    const key = keyOf(endpoint);
    const previous = old.get(key);
    old.delete(key);
    if (!previous) differences.push({ change: 'registered', endpoint, fields: [] });
    else {
      const fields = findChangedFields(previous, endpoint);
      if (fields.length > 0) differences.push({ change: 'updated', endpoint, fields });
    }
  }
  for (const endpoint of old.values()) differences.push({ change: 'deregistered', endpoint, fields: [] });
  return differences.sort((left, right) => (keyOf(left.endpoint) < keyOf(right.endpoint) ? -1 : 1));
}

function findChangedFields(before: Endpoint, after: Endpoint): readonly string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Endpoint>;
  return [...fields].filter((field) => !isDeepStrictEqual(before[field], after[field])).sort();
}

function keyOf({ service, id }: Endpoint): string {
  return `${service}\n${id}`;
}

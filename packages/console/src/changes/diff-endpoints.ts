import type { Endpoint } from '@amplify-discovery/core';

/** One endpoint that differs between two states of a stage. */
export interface EndpointDifference {
  readonly service: string;
  readonly id: string;
  readonly change: 'registered' | 'updated' | 'deregistered';
  /** Absent when it was registered. */
  readonly before?: Endpoint;
  /** Absent when it was deregistered. */
  readonly after?: Endpoint;
  /** The fields that differ, when it was updated. */
  readonly fields: readonly (keyof Endpoint)[];
}

/** The differences between two lists of a stage's endpoints, sorted by service and id. */
export function diffEndpoints(before: Iterable<Endpoint>, after: Iterable<Endpoint>): readonly EndpointDifference[] {
  const [old, now] = [indexByKey(before), indexByKey(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((key): readonly EndpointDifference[] => {
    const [left, right] = [old.get(key), now.get(key)];
    const { service, id } = (right ?? left) as Endpoint;
    if (!left) return [{ service, id, change: 'registered', after: right as Endpoint, fields: [] }];
    if (!right) return [{ service, id, change: 'deregistered', before: left, fields: [] }];
    const fields = findChangedFields(left, right);
    return fields.length > 0 ? [{ service, id, change: 'updated', before: left, after: right, fields }] : [];
  });
}

function findChangedFields(before: Endpoint, after: Endpoint): readonly (keyof Endpoint)[] {
  const fields = Object.keys({ ...before, ...after }) as (keyof Endpoint)[];
  return fields.filter((field) => !isSame(before[field], after[field]));
}

/** The only value that is not a primitive is metadata, an object of strings. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return Object.is(one, other);
  const [left, right] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return left.size === right.size && [...left].every(([name, value]) => right.get(name) === value);
}

/** Names have no line feeds, so keys sort by service first. */
function indexByKey(endpoints: Iterable<Endpoint>): ReadonlyMap<string, Endpoint> {
  return new Map([...endpoints].map((endpoint) => [`${endpoint.service}\n${endpoint.id}`, endpoint]));
}

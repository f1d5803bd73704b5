import type { Endpoint } from '@amplify-discovery/core';

/** One endpoint that differs between two snapshots; `before` or `after` is absent when it was added or removed. */
export interface EndpointDifference {
  readonly service: string;
  readonly id: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  /** Which fields differ, when both are there. */
  readonly fields: readonly string[];
}

/** In the order in which they are told. The compiler keeps the list complete. */
const fieldsOfRecord: Readonly<Record<Exclude<keyof Endpoint, 'stage' | 'service' | 'id'>, true>> = {
  kind: true,
  target: true,
  region: true,
  signingService: true,
  authMode: true,
  version: true,
  tenant: true,
  weight: true,
  metadata: true,
  expiresAt: true,
};
const publicFields = Object.keys(fieldsOfRecord);

/** What would have to change to get from one list of endpoints to the other, by service and id. Absent and null are the same. */
export function diffEndpoints(before: readonly unknown[], after: readonly unknown[]): readonly EndpointDifference[] {
  const [old, now] = [indexByKey(before), indexByKey(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((key) => {
    const [left, right] = [old.get(key), now.get(key)];
    const fields = left && right ? publicFields.filter((field) => textOf(left[field]) !== textOf(right[field])) : [];
    if (left && right && !fields.length) return [];
    const { service, id } = (right ?? left) as Record<string, unknown>;
    const sides = { ...(left && { before: left }), ...(right && { after: right }) };
    return [{ service: String(service), id: String(id ?? 'default'), ...sides, fields }];
  });
}

/** By service and id, in the form that a JSON text can't be confused with. */
export function indexByKey(endpoints: readonly unknown[]): Map<string, Record<string, unknown>> {
  return new Map(
    (endpoints as readonly Record<string, unknown>[]).map((record) => [
      `${String(record.service)}#${String(record.id ?? 'default')}`,
      record,
    ]),
  );
}

function textOf(value: unknown): string {
  if (value == null) return '';
  const parsed = parseObject(value);
  if (!parsed) return String(value);
  return JSON.stringify(Object.entries(parsed).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Metadata, which is an object or its JSON text. */
function parseObject(value: unknown): object | undefined {
  if (typeof value === 'object') return value as object;
  try {
    const parsed = typeof value === 'string' && value.startsWith('{') ? (JSON.parse(value) as unknown) : undefined;
    return typeof parsed === 'object' && parsed ? parsed : undefined;
  } catch {
    return undefined;
  }
}

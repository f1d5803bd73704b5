import { createHash } from 'node:crypto';
import type { Endpoint } from '@amplify-discovery/core';
import { renderFields } from '../engine/copied-fields.ts';
import { markKey } from '../engine/mark-key.ts';
import type { KubernetesObject } from './kubernetes-client.ts';

/** The kind of a map's object, as the API names it. */
export const configMaps = { group: '/api/v1', plural: 'configmaps' };

/** What programs in the cluster read: a ConfigMap of name → URL for each stage. */
export interface EndpointMap {
  /** Of another program's ConfigMap nothing is ever changed. */
  readonly isOwn: boolean;
  /** By name: a URL, and what its record says beside it. An entry without a mark is not a bridge's. */
  readonly entries: ReadonlyMap<string, EndpointMapEntry>;
  /** What bridges say about themselves, by mark. */
  readonly statuses: ReadonlyMap<string, string>;
}

export interface EndpointMapEntry {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly mark?: string | undefined;
}

const label = { 'app.kubernetes.io/managed-by': 'amplify-discovery' };

/** The records beside the URLs, and the bridges. No endpoint's name begins with a dot; in a volume these are hidden files. */
const recordsKey = '.records';
const bridgesKey = '.bridges';

/**
 * The name of an endpoint in the map: the service's, and `{service}..{id}` for ids other than `default`. Undefined where that
 * could be another endpoint's name too.
 */
export function nameEntry({ service, id }: Endpoint): string | undefined {
  if ([service, id].some((part) => /^\.|\.\.|\.$/.test(part))) return undefined;
  return id === 'default' ? service : `${service}..${id}`;
}

/** The ConfigMap's name: `discovery.{stage}`, and with a hash where the stage can't stand in a name as it is. */
export function nameMap(stage: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(stage)) return `discovery.${stage}`;
  const words = stage.toLowerCase().match(/[a-z0-9]+/g) ?? ['stage'];
  const hash = createHash('sha256').update(stage).digest('hex').slice(0, 10);
  return `discovery.${words.join('-').slice(0, 60).replace(/-$/, '')}.${hash}`;
}

export function renderEntry(endpoint: Endpoint, mark: string): EndpointMapEntry {
  const { url = '', ...fields } = renderFields(endpoint);
  return { url, fields, mark };
}

export function readEndpointMap(object: KubernetesObject | undefined): EndpointMap {
  const data = (object?.['data'] ?? {}) as Readonly<Record<string, string>>;
  const { [recordsKey]: recordsText = '', [bridgesKey]: bridgesText = '', ...urls } = data;
  const isOwn = !object || Object.entries(label).every(([name, value]) => object.metadata.labels?.[name] === value);
  const records = parseObject(isOwn ? recordsText : '');
  const entries = Object.entries(urls).map(([name, url]): [string, EndpointMapEntry] => {
    const { [markKey]: mark, ...fields } = readTexts(records.get(name));
    return [name, { url, fields, mark }];
  });
  const statuses = readTexts(Object.fromEntries(parseObject(isOwn ? bridgesText : '')));
  return { isOwn, entries: new Map(entries), statuses: new Map(Object.entries(statuses)) };
}

/** The object to write; undefined when nothing is left to stand in it. What else the present one says stays. */
export function renderEndpointMap(
  name: string,
  { entries, statuses }: Pick<EndpointMap, 'entries' | 'statuses'>,
  present: KubernetesObject | undefined,
): KubernetesObject | undefined {
  if (entries.size === 0 && statuses.size === 0) return undefined;
  const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
  const records = sorted.flatMap(([key, { fields, mark }]) =>
    mark === undefined ? [] : [[key, { ...fields, [markKey]: mark }]],
  );
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    ...(present ?? { metadata: { name, labels: label } }),
    data: {
      ...Object.fromEntries(sorted.map(([key, { url }]) => [key, url])),
      [recordsKey]: JSON.stringify(Object.fromEntries(records)),
      ...(statuses.size > 0 && { [bridgesKey]: JSON.stringify(Object.fromEntries(statuses)) }),
    },
  };
}

/** Text that somebody has damaged says nothing: then every entry counts as somebody else's. */
function parseObject(text: string): ReadonlyMap<string, unknown> {
  try {
    return new Map(Object.entries((JSON.parse(text) as object | null) ?? {}));
  } catch {
    return new Map();
  }
}

function readTexts(fields: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(Object(fields) as object);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

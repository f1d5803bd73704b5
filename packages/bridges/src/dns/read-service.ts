import { createHash } from 'node:crypto';
import { readFields } from '../engine/copied-fields.ts';
import type { SrvRecord } from './record-text.ts';
import { defaultPort, isOfStage, readCopyStrings } from './service-copy.ts';

/** What DNS has at the name of a service. */
export interface ServiceAnswer {
  readonly srv: readonly SrvRecord[];
  /** The strings of each record, a character for each byte, as node:dns has them. */
  readonly txt: readonly (readonly string[])[];
}

type Fields = Readonly<Record<string, string>>;

const maximumWeight = 1000;
const defaultWeight = 100;

/**
 * The untrusted records of one service. Each TXT record is an endpoint for each SRV record whose `host`, `port`, `priority` and
 * `weight` it doesn't contradict; a service without a TXT record is not meant for us. Left out: what a bridge has copied there,
 * and hosts that are `.`, which are not available.
 *
 * Where several would have one id, host and port are added to it. Weights above 1,000 are scaled down together, which keeps
 * their shares; where all of a priority are 0, which RFC 2782 advises where there is nothing to choose by, they get the default.
 */
export function readService(stage: string, service: string, { srv, txt }: ServiceAnswer): readonly object[] {
  // Servers answer in any order.
  const available = sortByText(srv.filter(({ host }) => host !== ''));
  const found = sortByText(txt).flatMap((strings) => {
    const copy = readCopyStrings(strings);
    const fields = Object.fromEntries(Object.entries(copy.fields).map(([key, value]) => [key, decode(value)]));
    const spelled = fields['service'] ?? service;
    const isHere = spelled.toLowerCase() === service.toLowerCase();
    const isOther = fields['stage'] !== undefined && !isOfStage(copy, stage);
    if (copy.mark !== undefined || !isHere || isOther) return [];
    const place = { stage, service: spelled, id: fields['id'] ?? 'default' };
    return available.filter((one) => isDescribed(one, fields)).map((one) => ({ one, fields, place }));
  });
  const records = new Map<string, object>();
  for (const { one, fields, place } of found) {
    const isAlone = found.filter((other) => other.place.id === place.id).length === 1;
    const id = isAlone ? place.id : extendId(place.id, one);
    const numbers = { priority: String(one.priority), weight: String(weigh(one, available)) };
    const record = readFields({ ...place, id }, { ...fields, url: renderUrl(one, fields), ...numbers });
    if (record && !records.has(id)) records.set(id, record);
  }
  return [...records.values()];
}

function sortByText<T>(items: readonly T[]): readonly T[] {
  const texts = items.map((item) => ({ item, text: JSON.stringify(item) }));
  return texts.sort((one, other) => (one.text < other.text ? -1 : 1)).map(({ item }) => item);
}

function isDescribed({ host, port, priority, weight }: SrvRecord, fields: Fields): boolean {
  return Object.entries({ host, port, priority, weight }).every(([name, value]) => {
    const text = fields[name]?.toLowerCase().replace(/\.$/, '');
    return text === undefined || text === String(value);
  });
}

/** In our range. What has any weight keeps one. */
function weigh({ priority, weight }: SrvRecord, all: readonly SrvRecord[]): number {
  const highest = Math.max(...all.filter((one) => one.priority === priority).map((one) => one.weight));
  if (highest === 0) return defaultWeight;
  if (highest <= maximumWeight || weight === 0) return weight;
  return Math.max(1, Math.round((weight * maximumWeight) / highest));
}

/** Empty, which the record's parser refuses, where host or scheme are of another form. */
function renderUrl({ host, port }: SrvRecord, fields: Fields): string {
  const [scheme, path] = [fields['scheme'] ?? 'https', fields['path'] ?? ''];
  if (!/^(https?|wss?)$/.test(scheme) || !/^[\w-]+(\.[\w-]+)*$/.test(host)) return '';
  const authority = port === defaultPort(scheme) ? host : `${host}:${port}`;
  return `${scheme}://${authority}${path === '' || path.startsWith('/') ? '' : '/'}${path}`;
}

function extendId(id: string, { host, port }: SrvRecord): string {
  const extended = `${id === 'default' ? '' : `${id}.`}${host}-${port}`;
  if (extended.length <= 128) return extended;
  return `${extended.slice(0, 105)}-${createHash('sha256').update(extended).digest('base64url').slice(0, 22)}`;
}

/** As UTF-8, or as it is where it isn't that. */
function decode(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString();
  return text.includes('\uFFFD') ? bytes : text;
}

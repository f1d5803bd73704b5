import { createWriterError } from '@amplify-discovery/core';
import { findSrv, isOfStage, readCopy, renderCopyText, type ServiceCopy } from './service-copy.ts';
import type { RecordChange, RecordSet } from './zone-store.ts';

/** Where one service stands: its own name, the index's page that lists it, and the index that lists the page. */
export interface ServicePlace {
  readonly name: string;
  readonly page: string;
  readonly index: string;
}

interface Write {
  /** Of the target, for messages. */
  readonly target: string;
  readonly key: string;
  readonly place: ServicePlace;
  readonly stage: string;
  readonly mark: string;
}

/**
 * What adds the copy to what stands at the place, or replaces it there.
 *
 * @throws DiscoveryError `RegistrationConflict` where any record at the service's name is somebody else's, or the service is
 * spelled differently there.
 */
export function planPut(
  sets: readonly RecordSet[],
  fields: Readonly<Record<string, string>>,
  { target, key, place, stage, mark }: Write,
  ttlSeconds: number,
): readonly RecordChange[] {
  const at = sets.filter(({ name, type }) => name === place.name && type !== 'PTR');
  const [srv, txt] = ['SRV', 'TXT'].map((type) => at.find((set) => set.type === type));
  const copies = (txt?.values ?? []).map(readCopy);
  const isOwn = at.every((set) => set === srv || set === txt) && (at.length === 0 || copies.length > 0);
  if (!isOwn || copies.some((copy) => copy.mark !== mark || !isOfStage(copy, stage)))
    throw createWriterError('RegistrationConflict', `${target}: "${key}" is held by another owner`);
  const other = copies.find((copy) => copy.fields['service'] !== fields['service']);
  if (other) {
    const [theirs, ours] = [other.fields['service'], fields['service']].map((name) => name ?? key.split('/')[0]);
    throw createWriterError('RegistrationConflict', `${target}: "${ours}" and "${theirs}" are one name in DNS`);
  }
  const all = [...copies.map((copy) => copy.fields).filter(({ id }) => id !== fields['id']), fields];
  const hosts = sortUnique(all.flatMap((one) => findSrv(one) ?? []));
  const texts = sortUnique(all.map((one) => renderCopyText(one, mark)));
  const own = { name: place.name, ttlSeconds };
  const point = (name: string, value: string): RecordChange => {
    const before = findPointers(sets, name);
    const values = sortUnique([...(before?.values ?? []), value]);
    return { before, after: { ttlSeconds, name, type: 'PTR', ...before, values } };
  };
  return [
    { before: srv, after: { ...own, type: 'SRV', values: hosts } },
    { before: txt, after: { ...own, type: 'TXT', values: texts } },
    point(place.page, `${place.name}.`),
    point(place.index, `${place.page}.`),
  ];
}

/** What removes the copy with this id from the place; null where it isn't there, or isn't the bridge's own. */
export function planRemove(
  sets: readonly RecordSet[],
  id: string,
  { place, stage, mark }: Write,
): readonly RecordChange[] | null {
  const [srv, txt] = ['SRV', 'TXT'].map((type) => sets.find((set) => set.name === place.name && set.type === type));
  const copies = (txt?.values ?? []).map((value) => ({ value, ...readCopy(value) }));
  const isGoing = (copy: ServiceCopy) =>
    copy.mark === mark && isOfStage(copy, stage) && (copy.fields['id'] ?? 'default') === id;
  const going = copies.filter(isGoing);
  if (going.length === 0) return null;
  const staying = copies.filter((copy) => !isGoing(copy));
  const needed = staying.flatMap((copy) => copy.srv ?? []);
  const own = going.flatMap((copy) => copy.srv ?? []);
  // Where all TXT records carry the mark, so do the SRV records at their name, however somebody has changed them.
  const hosts = copies.every((copy) => copy.mark === mark)
    ? needed
    : (srv?.values ?? []).filter((value) => needed.includes(value) || !own.includes(value));
  const texts = staying.map(({ value }) => value);
  const changes = [keep(srv, hosts), keep(txt, texts)];
  if (staying.length > 0 || hosts.length > 0) return changes;
  const unlist = (name: string, pointer: string) => {
    const before = findPointers(sets, name);
    const values = before?.values.filter((value) => value.toLowerCase() !== `${pointer}.`);
    return keep(before, values ?? []);
  };
  const page = unlist(place.page, place.name);
  return page.after ? [...changes, page] : [...changes, page, unlist(place.index, place.page)];
}

/** Each value once, in an order of its own. */
export function sortUnique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}

function findPointers(sets: readonly RecordSet[], name: string): RecordSet | undefined {
  return sets.find((set) => set.name === name && set.type === 'PTR');
}

function keep(before: RecordSet | undefined, values: readonly string[]): RecordChange {
  return { before, after: before && values.length > 0 ? { ...before, values: sortUnique(values) } : undefined };
}

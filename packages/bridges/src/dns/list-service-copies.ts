import { renderContent } from '../engine/copied-fields.ts';
import type { PresentObject } from '../engine/target.ts';
import { sortUnique } from './plan-zone-write.ts';
import { isOfStage, readCopy } from './service-copy.ts';
import { nameIndex, namePage, readServiceName } from './service-name.ts';
import type { RecordSet } from './zone-store.ts';

/**
 * What stands at a stage's service names, as objects of a target: an object for each TXT record, or one for a name without.
 * Where the SRV and PTR records of a copy are not those that it wants, its content says so, so that it is written again.
 */
export function listServiceCopies(sets: readonly RecordSet[], stage: string, domain: string): readonly PresentObject[] {
  const pointers = new Set(
    sets
      .filter(({ type }) => type === 'PTR')
      .flatMap(({ name, values }) => values.map((value) => `${name} ${value.toLowerCase()}`)),
  );
  const objects = new Map<string, PresentObject>();
  for (const name of new Set(sets.map((set) => set.name))) {
    const service = readServiceName(name, domain);
    const at = sets.filter((set) => set.name === name && set.type !== 'PTR');
    if (service === undefined || at.length === 0) continue;
    for (const object of describeName(service, at)) {
      const twin = objects.get(object.key);
      const both = { ...object, content: sortUnique([twin?.content ?? '', object.content]).join('\n') };
      objects.set(object.key, twin ? { ...both, mark: twin.mark ?? object.mark } : object);
    }
  }
  return [...objects.values()];

  function describeName(service: string, at: readonly RecordSet[]): readonly PresentObject[] {
    const valuesOf = (type: string) => at.find((set) => set.type === type)?.values ?? [];
    const copies = valuesOf('TXT').map(readCopy);
    if (copies.length === 0) {
      const content = at.map(({ type, values }) => `${type} ${sortUnique(values).join(', ')}`).join('\n');
      return [{ key: keyCopy(service, 'default'), content }];
    }
    const page = namePage(service, domain);
    const isListed = pointers.has(`${page} ${at[0]?.name}.`) && pointers.has(`${nameIndex(domain)} ${page}.`);
    const hosts = sortUnique(copies.flatMap(({ srv }) => srv ?? []));
    const isRight = isListed && sortUnique(valuesOf('SRV')).join() === hosts.join();
    return copies.map((copy) => ({
      key: keyCopy(service, copy.fields['id'] ?? 'default'),
      content: `${renderContent(copy.fields)}${isRight ? '' : '\nwith other SRV or PTR records'}`,
      mark: isOfStage(copy, stage) ? copy.mark : undefined,
    }));
  }
}

/** The key of a copy within its stage: names in DNS have no case. */
export function keyCopy(service: string, id: string): string {
  return `${service.toLowerCase()}/${id}`;
}

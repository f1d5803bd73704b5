import { DiscoveryError, type Endpoint } from '@amplify-discovery/core';
import { hashMark, readStatus, renderStatus } from '../engine/bridge-status.ts';
import { renderContent } from '../engine/copied-fields.ts';
import type { Target, TargetForm } from '../engine/target.ts';
import { keyCopy, listServiceCopies } from './list-service-copies.ts';
import { planPut, planRemove, sortUnique, type ServicePlace } from './plan-zone-write.ts';
import { parseTxt, renderTxt } from './record-text.ts';
import { renderCopy, renderCopyText } from './service-copy.ts';
import { nameIndex, namePage, nameService, nameStage } from './service-name.ts';
import { readStrings, renderStrings } from './txt-strings.ts';
import type { RecordChange, RecordSet, ZoneCall, ZoneStore } from './zone-store.ts';

export interface ZoneTargetOptions {
  readonly store: ZoneStore;
  /** Of the records it writes. @default 60 */
  readonly ttlSeconds?: number | undefined;
  /** Of one TXT record, in a zone file's words. @default 60000 */
  readonly maximumTxt?: number | undefined;
  /** Of one name and type: BIND doesn't load a zone with more. @default 100 */
  readonly maximumRecords?: number | undefined;
}

/** Somebody else writes the same names again and again. */
const maximumAttempts = 5;

/** Below this label of a stage stands what bridges say about themselves. */
const statusLabel = '_discovery-bridges';

/**
 * A DNS zone as a target, whoever serves it. All endpoints of a service are one set of SRV records at
 * `_https._tcp.{service}.{stage}.{zone}`, which any SRV client reads, and a TXT record each at the same name, which has the rest
 * and the mark. A service's name belongs to one bridge: where any record there is somebody else's, nothing is written. PTR
 * records list the services of a stage.
 *
 * Every write is one atomic change on condition that all sets it touches are as they were read.
 */
export function createZoneTarget(options: ZoneTargetOptions): Target {
  const { store, ttlSeconds = 60, maximumTxt = 60_000, maximumRecords = 100 } = options;
  const { name } = store;
  /** What the stages had at their last listing, kept up with the writes. It may be stale, as every write is on condition. */
  const known = new Map<string, ReadonlyMap<string, RecordSet>>();

  function describe(endpoint: Endpoint): TargetForm {
    const place = nameService(endpoint.service, endpoint.stage, '');
    if ('fault' in place) return place;
    const copy = renderCopy(endpoint);
    if ('fault' in copy) return copy;
    const { length } = renderCopyText(copy.fields, longestMark);
    if (length > maximumTxt) return { fault: `its TXT record has ${length} characters, more than ${maximumTxt}` };
    return { key: keyCopy(endpoint.service, endpoint.id), content: renderContent(copy.fields) };
  }

  /** Decides by what stands at the names, and writes if that is still so; null leaves it as it is. */
  async function change(
    names: readonly string[],
    domain: string,
    decide: (sets: readonly RecordSet[]) => readonly RecordChange[] | null,
    call: ZoneCall,
  ): Promise<void> {
    call.signal.throwIfAborted();
    const last = known.get(domain);
    if (last && (await tryKnown(last))) return;
    for (let attempt = 0; attempt < maximumAttempts; attempt++) {
      const changes = decide(await store.find(names, call))?.filter(isEffective) ?? [];
      if (changes.length === 0 || (await store.replace(changes, call))) return;
    }
    const found = `"${call.stage}" in ${name}: ${names[0]} keeps changing`;
    throw new DiscoveryError('RegistryUnavailable', found, { stage: call.stage });

    /** Saves the reading. A refusal, and that there is nothing to do, are believed only of what was read just now. */
    async function tryKnown(sets: ReadonlyMap<string, RecordSet>): Promise<boolean> {
      let changes: readonly RecordChange[];
      try {
        changes = decide([...sets.values()].filter((set) => names.includes(set.name)))?.filter(isEffective) ?? [];
      } catch {
        return false;
      }
      if (changes.length === 0) return false;
      known.delete(domain);
      if (!(await store.replace(changes, call))) return false;
      known.set(domain, applyChanges(sets, changes));
      return true;
    }
  }

  const findDomain = async (call: ZoneCall) => nameStage(call.stage, await store.findZone(call));

  return {
    name,
    describe,

    async list(stage, { signal }) {
      const call = { stage, signal };
      signal.throwIfAborted();
      const domain = await findDomain(call);
      if (domain === undefined) return { objects: [], isComplete: true };
      const sets = await store.list(domain, call);
      known.set(domain, new Map(sets.map((set) => [keyOf(set), set])));
      return { objects: listServiceCopies(sets, stage, domain), isComplete: true };
    },

    async put(endpoint, { stage, mark, signal }) {
      const call = { stage, signal };
      signal.throwIfAborted();
      const refuse = (fault: string) => new DiscoveryError('InvalidRecord', `${endpoint.service}: ${fault}`);
      const [form, copy] = [describe(endpoint), renderCopy(endpoint)];
      if ('fault' in form) throw refuse(form.fault);
      if ('fault' in copy) throw refuse(copy.fault);
      const zone = await store.findZone(call);
      const found = findPlace(endpoint.service, stage, zone);
      if ('fault' in found) throw refuse(found.fault);
      const { place, domain } = found;
      const write = { target: name, key: form.key, place, stage, mark };
      const decide = (sets: readonly RecordSet[]) => {
        const changes = planPut(sets, copy.fields, write, ttlSeconds);
        const full = changes.find(({ after }) => after && after.values.length > maximumRecords)?.after;
        if (full) throw refuse(`${full.name} would have more than ${maximumRecords} ${full.type} records`);
        return changes;
      };
      await change(namesOf(place), domain, decide, call);
    },

    async remove({ key }, { stage, mark, signal }) {
      const call = { stage, signal };
      const slash = key.indexOf('/');
      const found = findPlace(key.slice(0, slash), stage, await store.findZone(call));
      if ('fault' in found) return;
      const { place, domain } = found;
      const write = { target: name, key, place, stage, mark };
      await change(namesOf(place), domain, (sets) => planRemove(sets, key.slice(slash + 1), write), call);
    },

    statuses: {
      async list(stage, { signal }) {
        const call = { stage, signal };
        const domain = await findDomain(call);
        const sets = domain === undefined ? [] : await store.list(`${statusLabel}.${domain}`, call);
        return sets
          .flatMap(({ type, values }) => (type === 'TXT' ? values : []))
          .map((value) => readStrings(parseTxt(value)))
          .flatMap((fields) => (fields['stage'] === stage ? (readStatus(fields) ?? []) : []));
      },
      async put(status, { stage, signal }) {
        const call = { stage, signal };
        const domain = await findDomain(call);
        if (domain === undefined) return;
        const at = nameStatus(status.mark, stage, domain);
        const values = [renderTxt(renderStrings({ ...renderStatus(status), stage }))];
        const after = { name: at, type: 'TXT', ttlSeconds, values };
        await change([at], domain, ([before]) => [{ before, after }], call);
      },
      async remove(mark, { stage, signal }) {
        const call = { stage, signal };
        const domain = await findDomain(call);
        if (domain === undefined) return;
        const at = nameStatus(mark, stage, domain);
        await change([at], domain, ([before]) => (before ? [{ before, after: undefined }] : null), call);
      },
    },
  };
}

const longestMark = 'm'.repeat(128);
const keyOf = ({ name, type }: RecordSet) => `${type} ${name}`;
const namesOf = ({ name, page, index }: ServicePlace) => [name, page, index];

function isEffective({ before, after }: RecordChange): boolean {
  if (!before || !after || before.ttlSeconds !== after.ttlSeconds) return before !== after;
  return sortUnique(before.values).join('\n') !== sortUnique(after.values).join('\n');
}

function findPlace(
  service: string,
  stage: string,
  zone: string,
): { readonly place: ServicePlace; readonly domain: string } | { readonly fault: string } {
  const found = nameService(service, stage, zone);
  if ('fault' in found) return found;
  const domain = `${stage.toLowerCase()}.${zone}`;
  return { place: { ...found, page: namePage(service, domain), index: nameIndex(domain) }, domain };
}

function nameStatus(mark: string, stage: string, domain: string): string {
  return `${hashMark(`${stage} ${mark}`).toLowerCase()}.${statusLabel}.${domain}`;
}

function applyChanges(
  sets: ReadonlyMap<string, RecordSet>,
  changes: readonly RecordChange[],
): ReadonlyMap<string, RecordSet> {
  const next = new Map(sets);
  for (const { before, after } of changes) {
    if (before) next.delete(keyOf(before));
    if (after) next.set(keyOf(after), after);
  }
  return next;
}

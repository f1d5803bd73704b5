import { createWriterError, DiscoveryError, type Endpoint } from '@amplify-discovery/core';
import type { BridgeStatus, PresentObject, StatusStore, Target, TargetForm, TargetWriteOptions } from '../src/index.ts';

/** What becomes of one write. `late`: reported as failed, and done when `deliverLate` is called. */
export type WriteFate = 'done' | 'lost' | 'unanswered' | 'doubled' | 'late';

export interface MemoryTarget extends Target {
  /** By stage and key. */
  readonly objects: ReadonlyMap<string, PresentObject>;
  /** Puts somebody else's object there. */
  occupy(stage: string, key: string, mark?: string): void;
  /** Decides about the writes from now on. */
  fate: () => WriteFate;
  /** Makes listings say that they are incomplete, and leave out what this function doesn't keep. */
  keep: ((key: string) => boolean) | undefined;
  deliverLate(): void;
}

/** A place for what bridges say about themselves, with every status that was ever put there. */
export function memoryStatuses(): StatusStore & { readonly puts: readonly BridgeStatus[]; fault: Error | undefined } {
  const puts: BridgeStatus[] = [];
  const present = new Map<string, BridgeStatus>();
  const store: ReturnType<typeof memoryStatuses> = {
    puts,
    fault: undefined,
    async list(stage) {
      if (store.fault) throw store.fault;
      return [...present].filter(([place]) => place.startsWith(`${stage}|`)).map(([, status]) => status);
    },
    async put(status, { stage }) {
      if (store.fault) throw store.fault;
      puts.push(status);
      present.set(`${stage}|${status.mark}`, status);
    },
    async remove(mark, { stage }) {
      present.delete(`${stage}|${mark}`);
    },
  };
  return store;
}

export function describeInMemory({ service, id, target, weight }: Endpoint): TargetForm {
  if (service.includes('unfit')) return { fault: 'it does not fit' };
  return { key: `${service}/${id}`, content: `${target} ${weight}` };
}

/** A target in memory whose writes may get lost, be answered by nothing, happen twice or late. */
export function memoryTarget(name = 'memory'): MemoryTarget {
  const objects = new Map<string, PresentObject>();
  const late: (() => void)[] = [];
  const place = (stage: string, key: string) => `${stage}|${key}`;

  const write = (apply: () => void): void => {
    const fate = target.fate();
    const guarded = () => {
      try {
        apply();
      } catch {
        // The one that asked has gone.
      }
    };
    if (fate === 'late') late.push(guarded);
    if (fate === 'done' || fate === 'doubled') apply();
    if (fate === 'doubled' || fate === 'unanswered') guarded();
    if (fate !== 'done' && fate !== 'doubled') throw new DiscoveryError('RegistryUnavailable', `${name}: no answer`);
  };

  const target: MemoryTarget = {
    name,
    objects,
    fate: () => 'done',
    keep: undefined,
    describe: describeInMemory,
    occupy: (stage, key, mark) => void objects.set(place(stage, key), { key, content: 'theirs', mark }),
    deliverLate: () => late.splice(0).forEach((apply) => apply()),
    async list(stage) {
      const all = [...objects].filter(([at]) => at.startsWith(`${stage}|`)).map(([, object]) => object);
      const { keep } = target;
      return keep
        ? { objects: all.filter(({ key }) => keep(key)), isComplete: false }
        : { objects: all, isComplete: true };
    },
    async put(endpoint, { stage, mark }: TargetWriteOptions) {
      const form = describeInMemory(endpoint);
      if ('fault' in form) throw new DiscoveryError('InvalidRecord', form.fault);
      write(() => {
        const at = place(stage, form.key);
        const holder = objects.get(at);
        if (holder && holder.mark !== mark) throw createWriterError('RegistrationConflict', `${form.key} is held`);
        objects.set(at, { ...form, mark });
      });
    },
    async remove({ key }, { stage, mark }) {
      write(() => {
        if (objects.get(place(stage, key))?.mark === mark) objects.delete(place(stage, key));
      });
    },
  };
  return target;
}

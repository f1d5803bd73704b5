import { createWriterError, DiscoveryError, type Endpoint } from '@amplify-discovery/core';
import { hashMark, readStatusText, renderStatusText } from './bridge-status.ts';
import type { Target, TargetForm } from './target.ts';

/** One value of a store of keys and values, as it was read. */
export interface Entry {
  /** Below the stage: `service/id`; of a status the hash of its mark. */
  readonly key: string;
  readonly value: string;
}

/** A store whose writes can be made to depend on what was read. */
export interface EntryStore<E extends Entry> {
  readonly name: string;
  /** Lends the entries of a stage for one operation. */
  use<T>(place: EntryPlace, call: EntryCall, operate: (entries: Entries<E>) => Promise<T>): Promise<T>;
}

/** Endpoints and what bridges say about themselves stand apart. */
export type EntryPlace = 'endpoints' | 'statuses';

export interface Entries<E extends Entry> {
  /** All of the stage. */
  list(): Promise<readonly E[]>;
  find(key: string): Promise<E | undefined>;
  /**
   * Writes, or removes where `value` is undefined, if the entry is still the one that was read (or still isn't there). False
   * when it is not.
   */
  replace(key: string, value: string | undefined, seen: E | undefined): Promise<boolean>;
}

export interface EntryCall {
  readonly stage: string;
  readonly signal: AbortSignal;
}

/** How an endpoint stands in a value. */
export interface EntryLayout {
  /** The value; without a mark what it says beside the mark, which is compared. */
  render(endpoint: Endpoint, mark?: string): string;
  /** What `render` gave without a mark, and the mark; of a foreign value anything. */
  read(value: string): { readonly content: string; readonly mark: string | undefined };
}

/** Somebody else writes the same key again and again. */
const maximumAttempts = 5;

/**
 * A store of keys and values as a target. Every write depends on the entry that was read, so another owner's entry is never
 * overwritten.
 */
export function createEntryTarget<E extends Entry>({ name, use }: EntryStore<E>, layout: EntryLayout): Target {
  const describe = (endpoint: Endpoint): TargetForm => {
    const { service, id, target } = endpoint;
    if (target.startsWith('arn:')) return { fault: `the target ${target} has no host` };
    return { key: `${service}/${id}`, content: layout.render(endpoint) };
  };

  /** Decides by the present entry, and writes if it is still that one: undefined removes, null leaves it as it is. */
  const change = (
    place: EntryPlace,
    key: string,
    call: EntryCall,
    decide: (present: E | undefined) => string | undefined | null,
  ) =>
    use(place, call, async ({ find, replace }) => {
      for (let attempt = 0; attempt < maximumAttempts; attempt++) {
        const present = await find(key);
        const value = decide(present);
        if (value === null || value === present?.value) return;
        if (await replace(key, value, present)) return;
      }
      const { stage } = call;
      throw new DiscoveryError('RegistryUnavailable', `"${stage}" in ${name}: "${key}" keeps changing`, { stage });
    });

  return {
    name,
    describe,
    list: (stage, { signal }) =>
      use('endpoints', { stage, signal }, async ({ list }) => ({
        objects: (await list()).map(({ key, value }) => ({ key, ...layout.read(value) })),
        isComplete: true,
      })),
    async put(endpoint, { stage, mark, signal }) {
      const form = describe(endpoint);
      if ('fault' in form) throw new DiscoveryError('InvalidRecord', `${endpoint.service}: ${form.fault}`);
      await change('endpoints', form.key, { stage, signal }, (present) => {
        if (present && layout.read(present.value).mark !== mark) {
          throw createWriterError('RegistrationConflict', `${name}: "${form.key}" is held by another owner`);
        }
        return layout.render(endpoint, mark);
      });
    },
    remove: ({ key }, { stage, mark, signal }) =>
      change('endpoints', key, { stage, signal }, (present) =>
        present && layout.read(present.value).mark === mark ? undefined : null,
      ),
    statuses: {
      list: (stage, { signal }) =>
        use('statuses', { stage, signal }, async ({ list }) =>
          (await list()).flatMap(({ value }) => readStatusText(value) ?? []),
        ),
      put: (status, { stage, signal }) =>
        change('statuses', hashMark(status.mark), { stage, signal }, () => renderStatusText(status)),
      remove: (mark, { stage, signal }) =>
        change('statuses', hashMark(mark), { stage, signal }, (present) => (present ? undefined : null)),
    },
  };
}

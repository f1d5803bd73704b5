import { createWriterError, DiscoveryError, isDiscoveryError, type Source } from '@amplify-discovery/core';
import type { ObjectStore } from '../store/object-store.ts';
import { isPublishable } from '@amplify-discovery/snapshots';
import { planPublication, type PublicationPlan } from './plan-publication.ts';
import { selectPublicEndpoints } from './select-public-endpoints.ts';
import { parseDocument, serializeDocument, type SnapshotDocument } from '@amplify-discovery/snapshots/seal';
import { openPayload, sealPayload, type SnapshotSigner } from '@amplify-discovery/snapshots/seal';

export interface PublishOptions {
  /** Reads the table consistently: the registry. */
  readonly source: Source;
  readonly store: ObjectStore;
  /** @default the snapshots are not signed */
  readonly signer?: SnapshotSigner | undefined;
  /** Before every key. @default '' */
  readonly prefix?: string | undefined;
  /** How long a publication is valid; it is renewed when half of that is over. @default 604800 (7 days) */
  readonly lifetimeSeconds?: number | undefined;
  /**
   * The stages whose public records everyone may read: names, or patterns such as `pr-*`. The public object of another one is
   * empty.
   *
   * @default ['*']
   */
  readonly openStages?: readonly string[] | undefined;
  /** How often everything is read again because another publisher wrote at the same time. @default 5 */
  readonly attempts?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** What became of each object at last. */
export interface Publication {
  readonly stage: string;
  readonly revision: string;
  readonly endpoints: number;
  readonly full: 'written' | 'unchanged';
  readonly public: 'written' | 'unchanged';
}

/**
 * Publishes a stage as two objects, `{stage}.json` with everything and `{stage}.public.json` with what is public.
 *
 * An older state never overwrites a newer one, however many publishers run: the objects are read before the table, and
 * written only if they are still the ones that were read. A publisher that loses reads both again. After a write the registry is read
 * once more, because a state that came back meanwhile was found published by another publisher, which left no trace.
 *
 * @throws DiscoveryError the source's; `ConcurrentChange` after the last attempt; `InvalidOptions` for a stage that ends in
 * `.public`, whose full object would be the public one of another stage.
 */
export async function publishStage(stage: string, options: PublishOptions): Promise<Publication> {
  const { source, store, signer, prefix = '', lifetimeSeconds = 604_800, attempts = 5, openStages } = options;
  const { signal = new AbortController().signal, now = Date.now } = options;

  if (!isPublishable(stage))
    throw new DiscoveryError('InvalidOptions', `Stage "${stage}": it is not a stage name, or ends in ".public"`, {
      stage,
    });

  async function read(key: string) {
    const object = await store.get(key);
    return { key, etag: object?.etag, published: object && (await readPublished(object.bytes, stage)) };
  }

  let publication: Publication | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const [full, subset] = await Promise.all([read(`${prefix}${stage}.json`), read(`${prefix}${stage}.public.json`)]);
    const answer = await source.load({ stage, signal });
    if (answer.unchanged)
      throw new DiscoveryError('RegistryUnavailable', `Snapshot of "${stage}": ${source.name} sent no endpoints`, {
        stage,
      });
    const { revision, endpoints } = answer;
    type Outcome = 'written' | 'conflict' | 'unchanged';
    const put = async (
      { key, etag, published }: typeof full,
      content: Pick<PublicationPlan, 'revision' | 'endpoints' | 'partial'>,
    ): Promise<Outcome> => {
      const document = planPublication({ stage, ...content, published, now: now(), lifetimeSeconds });
      return document ? store.put(key, await sealPayload(serializeDocument(document), signer), etag) : 'unchanged';
    };
    const wrote = await put(full, { revision, endpoints });
    const wrotePublic = await put(subset, await selectPublicEndpoints(stage, endpoints, openStages));
    if (wrote === 'conflict' || wrotePublic === 'conflict') continue;
    publication = { stage, revision, endpoints: endpoints.length, full: wrote, public: wrotePublic };
    if (wrote === 'unchanged' && wrotePublic === 'unchanged') return publication;
    if ((await source.load({ stage, knownRevision: revision, signal })).revision === revision) return publication;
  }
  // What changes without end is published by the events of its changes.
  if (publication) return publication;
  throw createWriterError('ConcurrentChange', `Snapshot of "${stage}": others published first ${attempts} times`, {
    stage,
  });
}

/** Our own object: what can't be read is replaced like what isn't there. */
async function readPublished(bytes: Uint8Array, stage: string): Promise<SnapshotDocument | undefined> {
  try {
    return parseDocument(await openPayload(bytes, undefined, stage), stage);
  } catch (error) {
    if (!isDiscoveryError(error)) throw error;
    return undefined;
  }
}

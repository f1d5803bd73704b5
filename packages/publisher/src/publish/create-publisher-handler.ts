import { DiscoveryError } from '@amplify-discovery/core';
import { publishCatalog, type CatalogPublication, type CatalogSettings } from '../catalog/publish-catalog.ts';
import type { EdgePublisher } from '../edge/create-edge-publisher.ts';
import { createAnnouncer, findChangedStages } from '@amplify-discovery/registry/notices';
import type { StreamRecord } from '@amplify-discovery/registry/audit';
import { isPublishable } from '@amplify-discovery/snapshots';
import type { EdgePublication } from '../edge/publish-edge.ts';
import { replicateStage } from '../replicate/replicate-stage.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { publishStage, type Publication, type PublishOptions } from './publish-stage.ts';

/** A batch from the table's stream, a schedule's tick, or `{ stages }` by hand. */
export interface PublisherEvent {
  readonly Records?: readonly Pick<StreamRecord, 'dynamodb'>[] | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly source?: string | undefined;
}

/** What Lambda's stream poller takes as `ReportBatchItemFailures`. */
export interface PublisherResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface PublisherOptions extends PublishOptions {
  /** Which stages there are, for a schedule's tick. */
  readonly listStages: () => Promise<readonly string[]>;
  /** Brought in step with each of its stages after that was published. @default there is none */
  readonly edge?: EdgePublisher | undefined;
  /** Written after each publication of its stage, from the public snapshot. @default there is none */
  readonly catalog?: CatalogSettings | undefined;
  /**
   * Buckets in other regions that get the same objects. One that can't be written holds up no change: the next check of all stages
   * repairs it, or fails. @default none
   */
  readonly replicas?: readonly Replica[] | undefined;
  /** Notifies the subscribers of a stage, once what has changed can be read everywhere. @default no one is notified */
  readonly announce?: ((stage: string, revision: string) => Promise<void>) | undefined;
  /** @default none */
  readonly log?: ((line: PublisherLine) => void) | undefined;
}

export interface Replica {
  /** For the log. */
  readonly name: string;
  readonly store: ObjectStore;
}

/** What the log says of a stage. */
export type PublisherLine =
  | Publication
  | EdgePublication
  | CatalogPublication
  | { readonly stage: string; readonly replica: string; readonly replicated: 'written' | 'unchanged' }
  | { readonly stage: string; readonly failed: string };

/**
 * Makes the publisher's handler. A batch publishes each of its stages once. When one fails, the batch is given back from
 * that stage's first record on; a tick or a call by hand rejects, after every other stage has been tried.
 */
export function createPublisherHandler(options: PublisherOptions): (event: PublisherEvent) => Promise<PublisherResult> {
  const { listStages, edge, catalog, replicas = [], announce, log = () => {}, ...publishOptions } = options;
  const { store, prefix, now } = publishOptions;

  /** The first failure, after every replica has been tried. */
  async function replicate(stage: string): Promise<unknown> {
    let failure: unknown;
    for (const replica of replicas) {
      try {
        const replicated = await replicateStage(stage, { store, prefix, replica: replica.store });
        log({ stage, replica: replica.name, replicated });
      } catch (error) {
        log({ stage, failed: `The replica in ${replica.name}: ${String(error)}` });
        failure ??= error;
      }
    }
    return failure;
  }

  const announceOnce = announce && createAnnouncer(announce);
  /** A notice is only a hint, since subscribers read again by age, too: one that fails holds up nothing. */
  const notify = ({ stage, revision }: Publication) =>
    announceOnce?.(stage, revision).catch((error: unknown) => log({ stage, failed: `The notice: ${String(error)}` }));

  return async (event) => {
    const canPublish = (stage: unknown): stage is string => {
      if (isPublishable(stage)) return true;
      log({ stage: String(stage), failed: 'It is not a stage name, or ends in ".public"' });
      return false;
    };
    const first = findChangedStages(event.Records ?? []);
    const stages = event.Records
      ? [...first.keys()].filter(canPublish)
      : (event.stages ?? (event.source === 'aws.events' ? (await listStages()).filter(canPublish) : undefined));
    if (!stages)
      throw new DiscoveryError(
        'InvalidOptions',
        'The event is neither a batch of the stream nor a tick of the schedule, and names no stages',
      );
    const failures: { stage: string; error: unknown }[] = [];
    for (const stage of stages) {
      try {
        const publication = await publishStage(stage, publishOptions);
        log(publication);
        if (edge?.stages.includes(stage)) log(await edge.publish(stage));
        if (catalog?.stage === stage) log(await publishCatalog({ ...catalog, store, prefix, now }));
        const unreplicated = await replicate(stage);
        if (publication.full === 'written') await notify(publication);
        if (unreplicated !== undefined && !event.Records) failures.push({ stage, error: unreplicated });
      } catch (error) {
        log({ stage, failed: String(error) });
        failures.push({ stage, error });
      }
    }
    if (event.Records)
      return { batchItemFailures: failures.map(({ stage }) => ({ itemIdentifier: first.get(stage) ?? '' })) };
    if (failures[0]) throw failures[0].error;
    return { batchItemFailures: [] };
  };
}

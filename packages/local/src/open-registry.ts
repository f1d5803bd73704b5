import { registryDefinition } from '@amplify-discovery/registry/definition';
import { createResolverRuntime } from './appsync-runtime.ts';
import { buildExecutableSchema, localUserArn } from './build-executable-schema.ts';
import { createGraphqlExecutor, type GraphqlExecutor } from './create-graphql-executor.ts';
import { join } from 'node:path';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { announceStage } from '@amplify-discovery/registry/operations';
import { createAuditFolder, findLastSequence } from './audit-folder.ts';
import { createChangeFeed } from './create-change-feed.ts';
import { openDynamoTable, type TableKeeping } from './dynamo-table.ts';
import { openItemStore } from './item-store.ts';
import { readThrough, type ReadThrough } from './read-through.ts';
import { createNotifier } from './realtime/create-notifier.ts';
import { createSubscribers, type Subscribers } from './realtime/create-subscribers.ts';

export interface RegistryOptions {
  /** Stores the data here between runs, and the log of changes in its subfolder `audit`. @default in memory, without a log */
  readonly dataFolder?: string | undefined;
  /**
   * What an API key may read where a registration doesn't say `public`.
   *
   * @default true: everything but ARNs, since only this machine can connect. A deployed registry has false.
   */
  readonly publicByDefault?: boolean | undefined;
  /** The stages whose public records an API key may read: names, or `pr-*`. @default every stage */
  readonly openStages?: readonly string[] | undefined;
  /** Stages that are read from another registry instead. @default none */
  readonly readThrough?: ReadThrough | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** A registry in this process, without a server. */
export interface OpenRegistry extends GraphqlExecutor, Pick<Subscribers, 'add'> {
  close(): Promise<void>;
}

/**
 * The deployed registry's schema and resolver files over an embedded DynamoDB.
 *
 * @throws DiscoveryError `InvalidOptions` when the data folder can't be used.
 */
export async function openRegistry({
  dataFolder,
  publicByDefault = true,
  openStages = [],
  readThrough: elsewhere,
  now = Date.now,
}: RegistryOptions = {}): Promise<OpenRegistry> {
  const layout = registryDefinition.table;
  const keeping = dataFolder === undefined ? undefined : await openKeeping(dataFolder, now);
  const subscribers = createSubscribers();
  const { call, close } = await openDynamoTable(layout, keeping);
  const runResolver = createResolverRuntime({
    definition: registryDefinition,
    async call(action, input) {
      const answer = await call(action, input);
      notifier.noteAction(action, input);
      return answer;
    },
    env: {
      PUBLIC_BY_DEFAULT: String(publicByDefault),
      OPEN_STAGES: openStages.join(','),
      // The registry's own credentials write in the name of stacks, too.
      REGISTRARS: localUserArn,
    },
    now,
  });
  const schema = buildExecutableSchema(
    registryDefinition,
    elsewhere ? readThrough(elsewhere, runResolver) : runResolver,
  );
  const executor = createGraphqlExecutor(schema, (field, value) => subscribers.publish(schema, field, value));
  const transport: GraphqlTransport = async (request) => executor.execute(request, { mode: 'iam' });
  const notifier = createNotifier({
    source: registrySource({ transport }),
    announce: (stage, revision) => announceStage(transport, stage, revision),
    isWatched: (stage) => subscribers.has('stage', stage),
  });
  return {
    ...executor,
    add: subscribers.add,
    async close() {
      await notifier.close();
      await close();
    },
  };
}

/** The log of a registry's changes, in its data folder. */
export function findAuditFolder(dataFolder: string): string {
  return join(dataFolder, 'audit');
}

async function openKeeping(dataFolder: string, now: () => number): Promise<TableKeeping> {
  const folder = findAuditFolder(dataFolder);
  const store = await openItemStore(dataFolder, registryDefinition.table);
  const last = await findLastSequence(folder);
  return { store, log: createChangeFeed({ log: createAuditFolder(folder), last, now }) };
}

import { resolverTexts, schemaText } from './embedded-files.ts';
import { tableLayout, type TableLayout } from './table-layout.ts';

/** A field of the schema and the resolver files that answer it, against the one table. */
export type ResolverDefinition =
  | { readonly kind: 'unit'; readonly file: string }
  /** Without a data source: the payload of the request is the result. */
  | { readonly kind: 'local'; readonly file: string }
  | { readonly kind: 'pipeline'; readonly file: string; readonly functions: readonly string[] };

const mutation: ResolverDefinition = {
  kind: 'pipeline',
  file: 'change-endpoint.js',
  functions: ['read-record.js', 'check-rules.js', 'raise-epoch.js', 'change-record.js', 'raise-epoch.js'],
};

const resolvers: RegistryDefinition['resolvers'] = {
  Query: {
    registry: { kind: 'local', file: 'registry.js' },
    snapshot: {
      kind: 'pipeline',
      file: 'snapshot.js',
      functions: ['read-head.js', 'query-stage.js', 'fill-head.js'],
    },
    service: { kind: 'unit', file: 'service.js' },
    stages: { kind: 'unit', file: 'stages.js' },
    rules: { kind: 'unit', file: 'rules.js' },
    rows: { kind: 'unit', file: 'rows.js' },
  },
  Mutation: {
    registerEndpoint: mutation,
    deregisterEndpoint: mutation,
    overrideEndpoint: mutation,
    setRule: { kind: 'unit', file: 'set-rule.js' },
    removeRule: { kind: 'unit', file: 'remove-rule.js' },
    restoreRow: {
      kind: 'pipeline',
      file: 'restore-row.js',
      functions: ['read-record.js', 'raise-epoch.js', 'put-row.js', 'raise-epoch.js'],
    },
    announceStage: { kind: 'local', file: 'announce-stage.js' },
  },
  Subscription: { onStageChange: { kind: 'local', file: 'subscribe-stage.js' } },
};

const whileRestoring: RegistryDefinition['whileRestoring'] = {
  Query: { snapshot: { kind: 'local', file: 'restoring.js' } },
};

/** What only those who write or operate the registry ask for. */
const writersQueries: readonly string[] = ['rules', 'rows'];

/**
 * Everything that makes a registry, as data: what CDK deploys and what the local registry runs.
 * `resolverFiles` holds the code by file name, `schema` the text of schema.graphql. The times that
 * `table.timeToLive` holds are epoch seconds; removed and expired records leave by it after a day.
 */
export const registryDefinition: RegistryDefinition = {
  schema: schemaText,
  resolverFiles: resolverTexts,
  resolvers,
  whileRestoring,
  readFields: (['Query', 'Subscription'] as const).flatMap((type) =>
    Object.keys(resolvers[type])
      .filter((field) => !writersQueries.includes(field))
      .map((field) => `${type}/fields/${field}`),
  ),
  table: tableLayout,
};

export interface RegistryDefinition {
  readonly schema: string;
  readonly resolverFiles: Readonly<Record<string, string>>;
  readonly resolvers: Readonly<
    Record<'Query' | 'Mutation' | 'Subscription', Readonly<Record<string, ResolverDefinition>>>
  >;
  /** What answers instead while a registry is restored. */
  readonly whileRestoring: { readonly Query: Readonly<Record<string, ResolverDefinition>> };
  /** What a reader may ask for, as the ARNs of AppSync's fields end: `Query/fields/snapshot`. */
  readonly readFields: readonly string[];
  /** All keys are strings. */
  readonly table: TableLayout;
}

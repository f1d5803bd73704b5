import { chooseKeyExpiry } from '@amplify-discovery/registry';
import { registryDefinition, type ResolverDefinition } from '@amplify-discovery/registry/definition';
import { CfnResource, Expiration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AppsyncFunction,
  AuthorizationType,
  CfnApiKey,
  Code,
  FieldLogLevel,
  FunctionRuntime,
  GraphqlApi,
  Resolver,
  type AuthorizationMode,
  CfnGraphQLSchema,
  type CfnGraphQLApi,
  type IGraphqlApi,
} from 'aws-cdk-lib/aws-appsync';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct, IDependable } from 'constructs';
import { acknowledgeRule } from '../synthesis/acknowledge-rule.ts';
import { reduceSchema, type ReadMode } from './reduce-schema.ts';
import { RegistryDataSource } from './registry-data-source.ts';

/** An AppSync API that a registry left behind when it was lost. */
export interface ExistingRegistryApi {
  readonly apiId: string;
  /** Its GraphQL endpoint. */
  readonly url: string;
  /**
   * The key that apps have.
   *
   * @default none
   */
  readonly apiKey?: string | undefined;
}

export interface RegistryApiOptions {
  /** In the API's name, for people who look at AppSync's list. */
  readonly registryName: string | undefined;
  readonly table: ITable | Table;
  /** The names of the API keys, that of the apps first. */
  readonly keyNames: readonly string[];
  /** What an API key may read of: names and patterns of stages, between commas. */
  readonly openStages: string;
  readonly userPool: IUserPool | undefined;
  readonly tracing: boolean;
  readonly logRetention: RetentionDays;
  /** Whether reads are refused, because the table is not filled yet. */
  readonly restoring: boolean;
  /** `RETAIN` leaves API and key, whose URL and value apps hold, behind when the registry is removed. */
  readonly removalPolicy: RemovalPolicy;
  readonly now: Date;
}

export interface RegistryApi {
  readonly api: IGraphqlApi;
  /** What apps read with; undefined without a key. */
  readonly key: string | undefined;
  /** Of all keys that are valid. */
  readonly keyIds: readonly string[];
}

/** The AppSync API of a registry: its schema in the modes it has, and a resolver on each field of the definition. */
export function createRegistryApi(scope: Construct, id: string, options: RegistryApiOptions): RegistryApi {
  const { registryName, table, keyNames, openStages, userPool, tracing, ...others } = options;
  const { logRetention, removalPolicy, restoring, now } = others;
  const [keyName, ...otherNames] = keyNames;
  const modes: ReadMode[] = [
    'iam',
    ...(keyName === undefined ? [] : (['apiKey'] as const)),
    ...(userPool ? (['userPool'] as const) : []),
  ];
  const definition = reduceSchema(registryDefinition.schema, modes);
  const api = new GraphqlApi(scope, id, {
    name:
      registryName === undefined
        ? Names.uniqueResourceName(scope, { maxLength: 65 })
        : `amplify-discovery-${registryName}`,
    definition: { schema: { bind: (bound) => ({ apiId: (bound as IGraphqlApi).apiId, definition }) } },
    authorizationConfig: {
      defaultAuthorization: { authorizationType: AuthorizationType.IAM },
      additionalAuthorizationModes: [
        ...(keyName === undefined ? [] : [apiKeyMode(keyName, now)]),
        ...(userPool ? [{ authorizationType: AuthorizationType.USER_POOL, userPoolConfig: { userPool } }] : []),
      ],
    },
    // One request asks for one field: a key that everyone can read must not buy a thousand queries at once.
    resolverCountLimit: 20,
    environmentVariables: { OPEN_STAGES: openStages },
    xrayEnabled: tracing,
  });
  logErrors(api, logRetention);
  attachResolvers(api, table, { restoring, dependencies: [] });
  // CDK makes one key itself, under an id of this form.
  for (const name of otherNames)
    new CfnApiKey(api, `${name}ApiKey`, {
      apiId: api.apiId,
      description: keyDescription,
      expires: findExpiry(now).toEpoch(),
    });
  if (removalPolicy === RemovalPolicy.RETAIN) retain(api);
  const keys = api.node.children.filter((child) => child instanceof CfnApiKey);
  return { api, key: api.apiKey, keyIds: keys.map(({ attrApiKeyId }) => attrApiKeyId) };
}

/**
 * The resources whose values others hold: the API with its URL, the key, and what the API writes its log as. Schema and resolvers
 * go, and come back with the next registry.
 */
function retain(api: GraphqlApi): void {
  const logRole = api.node.findChild('LogRole');
  const resources = [api.node.defaultChild, ...api.node.children, ...logRole.node.findAll()].filter(
    (child): child is CfnResource => CfnResource.isCfnResource(child),
  );
  for (const resource of resources) {
    if (resource.cfnResourceType !== 'AWS::AppSync::GraphQLSchema') resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}

/**
 * Schema and resolvers for an API that is there already, with all that apps hold of it. CloudFormation can't take such an API back
 * into a stack ("not supported for Import", September 2026), so its settings stay as they are.
 */
export function adoptRegistryApi(
  scope: Construct,
  id: string,
  options: Pick<RegistryApiOptions, 'table' | 'restoring' | 'userPool'> & { readonly api: ExistingRegistryApi },
): RegistryApi {
  const { table, restoring, userPool } = options;
  const { apiId, apiKey } = options.api;
  const api = GraphqlApi.fromGraphqlApiAttributes(scope, id, {
    graphqlApiId: apiId,
    graphqlApiArn: Stack.of(scope).formatArn({ service: 'appsync', resource: 'apis', resourceName: apiId }),
  });
  const modes: ReadMode[] = [
    'iam',
    ...(apiKey === undefined ? [] : (['apiKey'] as const)),
    ...(userPool ? (['userPool'] as const) : []),
  ];
  const definition = reduceSchema(registryDefinition.schema, modes);
  const schema = new CfnGraphQLSchema(api, 'Schema', { apiId, definition });
  attachResolvers(api, table, { restoring, dependencies: [schema] });
  // AppSync names a key by its value.
  return { api, key: apiKey, keyIds: apiKey === undefined ? [] : [apiKey] };
}

/** Into a log group of its own: CDK's `logConfig` would bring a second Lambda, and a role that may log anywhere. */
function logErrors(api: GraphqlApi, retention: RetentionDays): void {
  const role = new Role(api, 'LogRole', { assumedBy: new ServicePrincipal('appsync.amazonaws.com') });
  (api.node.defaultChild as CfnGraphQLApi).logConfig = {
    cloudWatchLogsRoleArn: role.roleArn,
    fieldLogLevel: FieldLogLevel.ERROR,
    excludeVerboseContent: true,
  };
  acknowledgeRule(
    api,
    'ASC3',
    'Errors are logged. Verbose content stays out: it has the headers, with API keys and tokens.',
  );
  const logGroup = new LogGroup(api, 'Logs', {
    logGroupName: `/aws/appsync/apis/${api.apiId}`,
    retention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
}

function apiKeyMode(name: string, now: Date): AuthorizationMode {
  return {
    authorizationType: AuthorizationType.API_KEY,
    apiKeyConfig: { name, description: keyDescription, expires: findExpiry(now) },
  };
}

const keyDescription = 'Reads the registry';

function findExpiry(now: Date): Expiration {
  return Expiration.atDate(chooseKeyExpiry(now));
}

function attachResolvers(
  api: IGraphqlApi,
  table: ITable | Table,
  { restoring, dependencies }: { readonly restoring: boolean; readonly dependencies: readonly IDependable[] },
): void {
  const dataSource = new RegistryDataSource(api, 'TableSource', { api, table });
  const noDataSource = api.addNoneDataSource('NoSource', { name: 'registryNone' });
  const runtime = FunctionRuntime.JS_1_0_0;
  const codeOf = (file: string) => Code.fromInline(registryDefinition.resolverFiles[file] as string);
  const functions = new Map<string, AppsyncFunction>();

  /** A function that stands in a pipeline a second time is one of its own there. */
  function getFunction(file: string, index: number, files: readonly string[]): AppsyncFunction {
    const words = [...file.replace(/\.js$/, '').split('-'), ...(files.indexOf(file) < index ? ['again'] : [])];
    const name = words.join('_');
    const known = functions.get(name);
    if (known) return known;
    const id = `${words.map(capitalise).join('')}Function`;
    const created = new AppsyncFunction(api, id, { name, api, dataSource, runtime, code: codeOf(file) });
    functions.set(name, created);
    return created;
  }

  function attach(typeName: string, fieldName: string, definition: ResolverDefinition): void {
    const common = { api, typeName, fieldName, runtime, code: codeOf(definition.file) };
    const step =
      definition.kind === 'pipeline'
        ? { pipelineConfig: definition.functions.map(getFunction) }
        : { dataSource: definition.kind === 'unit' ? dataSource : noDataSource };
    const resolver = new Resolver(api, `${typeName}${capitalise(fieldName)}Resolver`, { ...common, ...step });
    resolver.node.addDependency(...dependencies);
  }

  const { resolvers, whileRestoring } = registryDefinition;
  const closed: Readonly<Record<string, object>> = restoring ? whileRestoring : {};
  for (const [typeName, open] of Object.entries(resolvers)) {
    const fields: Readonly<Record<string, ResolverDefinition>> = { ...open, ...closed[typeName] };
    for (const [fieldName, definition] of Object.entries(fields)) attach(typeName, fieldName, definition);
  }
}

function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

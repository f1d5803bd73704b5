import { isName } from '@amplify-discovery/core';
import type { RegistryParameter } from '@amplify-discovery/registry';
import { Annotations, CfnOutput, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { GraphqlApi, type IGraphqlApi } from 'aws-cdk-lib/aws-appsync';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { listKeyNames } from '../api-keys/api-key-options.ts';
import { AuditLog } from '../audit-log/audit-log.ts';
import { KeyRenewal } from '../api-keys/key-renewal.ts';
import { RateLimit } from '../rate-limit/rate-limit.ts';
import { Registrar, type RegistrationGrant, type RegistrationGrantOptions } from '../registrar/registrar.ts';
import { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';
import { StageAnnouncer } from '../stage-announcer/stage-announcer.ts';
import { findRegistrarName } from '../organization/find-registrar-name.ts';
import { OrganizationRegistry, type OrganizationMembership } from '../organization/organization-registry.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkRegistryTable } from './check-registry-table.ts';
import { checkRegistryName } from './check-registry-name.ts';
import { importRegistry, type ServiceRegistryAttributes } from './imported-registry.ts';
import { lookUpRegistry, type ServiceRegistryLookup } from './look-up-registry.ts';
import { publishParameter } from './publish-parameter.ts';
import { adoptRegistryApi, createRegistryApi } from './registry-api.ts';
import { createRegistryDomain } from './registry-domain.ts';
import type { RegistryAuth, SnapshotConfig } from '@amplify-discovery/core';
import { grantRegistryRead } from './registry-reference.ts';
import type { IServiceRegistry } from './registry-interface.ts';
import { createRegistryTable } from './registry-table.ts';
import type { ServiceRegistryProps } from './service-registry-props.ts';

/**
 * A registry: the AppSync API with its schema and resolvers, the table that holds all endpoints, the registrar, the log of changes, and
 * the publisher whose public snapshots apps read first.
 * Reading takes IAM (`grantRead`), and an API key or a user pool where they are given; writing always takes IAM.
 *
 * @example
 * ```ts
 * const registry = new ServiceRegistry(stack, 'Registry', { apiKey: true });
 * new ServiceRegistration(stack, 'Users', { registry, service: 'user-management-service', stage: 'prod', api });
 * ```
 */
export class ServiceRegistry extends Construct implements IServiceRegistry {
  /** A registry of another stack, region or account, by what is known of it. */
  static fromServiceRegistryAttributes(
    scope: Construct,
    id: string,
    attributes: ServiceRegistryAttributes,
  ): IServiceRegistry {
    return importRegistry(scope, id, attributes);
  }

  /**
   * A registry of the same account and region, by the name that it publishes itself under. CloudFormation reads its
   * values at each deployment.
   */
  static fromLookup(scope: Construct, id: string, lookup: ServiceRegistryLookup): IServiceRegistry {
    return lookUpRegistry(scope, id, lookup);
  }

  /**
   * A registry of another account in the same region, by that account and the registry's name: see `DiscoveryOrganization`.
   * What apps have to know of it is asked of its registrar at each deployment.
   */
  static fromOrganization(scope: Construct, id: string, membership: OrganizationMembership): OrganizationRegistry {
    return new OrganizationRegistry(scope, id, membership);
  }

  /** The name that it publishes itself under; undefined where it doesn't. */
  readonly name: string | undefined;
  /** The name of the registrar's function; undefined where CloudFormation makes one up. */
  readonly registrarName: string | undefined;
  readonly url: string;
  readonly region: string;
  readonly apiArn: string;
  readonly serviceToken: string;
  readonly auth: RegistryAuth;
  readonly defaultStage: string | undefined;
  readonly api: IGraphqlApi;
  /** Its stream carries old and new images. */
  readonly table: ITable | Table;
  readonly registrar: Registrar;
  readonly openStages: readonly string[];
  /** Whose signed-in users read; undefined without one. */
  readonly userPool: IUserPool | undefined;
  /** Undefined without an API key. */
  readonly keyRenewal: KeyRenewal | undefined;
  /** Undefined without `auditLog`. */
  readonly auditLog: AuditLog | undefined;
  /** Undefined without `publish`. */
  readonly publisher: SnapshotPublisher | undefined;
  /** Undefined without `announce`. */
  readonly announcer: StageAnnouncer | undefined;

  constructor(scope: Construct, id: string, props: ServiceRegistryProps = {}) {
    super(scope, id);
    const { name, apiKey = false, openStages = ['*'], userPool, defaultStage, domain, ...others } = props;
    const {
      removalPolicy = RemovalPolicy.RETAIN,
      registrars = [],
      publish = true,
      announce = false,
      auditLog = true,
      registrarName,
      ...more
    } = others;
    const { table: existingTable, api: existingApi, restoring = false, rateLimit, ...options } = more;
    const { logRetention = RetentionDays.ONE_MONTH, tracing = false } = options;
    if (name !== undefined) checkRegistryName(this, name);
    this.name = name;
    this.registrarName = registrarName ?? findRegistrarName(name);
    if (existingTable) checkRegistryTable(this, existingTable);
    if (existingApi && apiKey)
      refuseConstruct(this, 'apiKey: the key of an API that is there already is api.apiKey; leave out apiKey');
    const table = existingTable ?? createRegistryTable(this, 'Table', removalPolicy);
    this.table = table;
    const openTo = describeOpenStages(this, openStages);
    const { api, key, keyIds } = existingApi
      ? adoptRegistryApi(this, 'Api', { api: existingApi, table, restoring, userPool })
      : createRegistryApi(this, 'Api', {
          registryName: name,
          table,
          keyNames: listKeyNames(this, apiKey),
          openStages: openTo,
          userPool,
          tracing,
          logRetention,
          removalPolicy,
          restoring,
          now: new Date(),
        });
    this.api = api;
    const ownUrl = api instanceof GraphqlApi ? api.graphqlUrl : (existingApi?.url ?? '');
    this.url = domain ? createRegistryDomain(this, 'Domain', { domain, api, removalPolicy }) : ownUrl;
    this.region = Stack.of(this).region;
    this.apiArn = api.arn;
    this.defaultStage = defaultStage;
    this.openStages = openStages;
    this.userPool = userPool;
    this.registrar = new Registrar(this, 'Registrar', {
      registry: this,
      functionName: this.registrarName,
      dependencies: [api],
      ...options,
    });
    this.serviceToken = this.registrar.serviceToken;
    const REGISTRARS = describeRegistrars(this, [this.registrar.roleArn, ...registrars]);
    if (api instanceof GraphqlApi) api.addEnvironmentVariable('REGISTRARS', REGISTRARS);
    else {
      if (name === undefined) warnOfNewRole(this);
      new CfnOutput(this, 'ApiEnvironment', {
        value: Stack.of(this).toJsonString({ OPEN_STAGES: openTo, REGISTRARS }),
        description:
          'The environment variables that the API should have: aws appsync put-graphql-api-environment-variables',
      });
    }
    this.auth = key === undefined ? { mode: userPool ? 'userPool' : 'iam' } : { mode: 'apiKey', apiKey: key };
    this.keyRenewal =
      keyIds.length > 0 ? new KeyRenewal(this, 'KeyRenewal', { apiId: api.apiId, keyIds, ...options }) : undefined;
    if (rateLimit) {
      if (keyIds.length === 0) refuseConstruct(this, 'rateLimit: it limits readers with an API key, and there is none');
      new RateLimit(this, 'RateLimit', { apiArn: api.arn, ...rateLimit });
    }
    this.auditLog = auditLog
      ? new AuditLog(this, 'AuditLog', {
          registry: this,
          removalPolicy,
          ...options,
          ...(auditLog !== true && auditLog),
        })
      : undefined;
    this.publisher = publish
      ? new SnapshotPublisher(this, 'Snapshots', {
          registry: this,
          distribution: true,
          removalPolicy,
          ...options,
          ...(publish !== true && publish),
        })
      : undefined;
    if (announce && publish)
      refuseConstruct(this, 'announce: the publisher announces changes already; leave it out, or say `publish: false`');
    this.announcer = announce ? new StageAnnouncer(this, 'Announcer', { registry: this, ...options }) : undefined;

    new CfnOutput(this, 'Url', { value: this.url, description: 'GraphQL endpoint of the service registry' });
    new CfnOutput(this, 'ServiceToken', {
      value: this.serviceToken,
      description: 'ServiceToken of Custom::ServiceEndpoint',
    });
    if (name !== undefined) this.#publish(name, key);
  }

  /** Where its public snapshots are; undefined where it publishes none. */
  get snapshot(): SnapshotConfig | undefined {
    return this.publisher?.snapshot;
  }

  grantRead(grantee: IGrantable): Grant {
    return grantRegistryRead(grantee, this.apiArn);
  }

  /**
   * Lets the grantee register, within the scope if one is named: the registry's rule of that name says what it may change. A
   * deployment with a scope has to use the `serviceToken` that is returned.
   *
   * @throws DiscoveryError `InvalidOptions` for what can't be the name of an alias.
   */
  grantRegister(grantee: IGrantable, options?: RegistrationGrantOptions): RegistrationGrant {
    return this.registrar.grantRegister(grantee, options);
  }

  #publish(name: string, apiKey: string | undefined): void {
    const { url, apiArn, serviceToken } = this;
    const values = { url, apiArn, serviceToken, ...(apiKey !== undefined && { apiKey }) };
    for (const [parameter, value] of Object.entries(values))
      publishParameter(this, name, parameter as RegistryParameter, value);
  }
}

function warnOfNewRole(scope: Construct): void {
  Annotations.of(scope).addWarningV2(
    '@amplify-discovery/cdk:registrarRole',
    "Without a name the registrar's role is another than the API knows, which refuses its registrations: give the API the environment variables that the output ApiEnvironment says",
  );
}

/** Text for the resolvers, which read names and patterns between commas. */
function describeOpenStages(scope: Construct, openStages: readonly string[]): string {
  if (openStages.length === 0) refuseConstruct(scope, 'openStages: an empty list opens no stage; leave out apiKey');
  const malformed = openStages.find((stage) => !Token.isUnresolved(stage) && !isName(stage.replaceAll('*', 'x')));
  if (malformed !== undefined)
    refuseConstruct(scope, `openStages: "${malformed}" is not a stage, or a pattern such as "pr-*"`);
  return openStages.join(',');
}

/** Text for the resolvers, which read role ARNs and patterns between commas. */
function describeRegistrars(scope: Construct, registrars: readonly string[]): string {
  const malformed = registrars.find((arn) => !Token.isUnresolved(arn) && !/^arn:[^,\s]+:role\/[^,/\s]+$/.test(arn));
  if (malformed === undefined) return registrars.join(',');
  return refuseConstruct(
    scope,
    `registrars: "${malformed}" is not the ARN of a role without a path, or a pattern such as arn:aws:iam::*:role/registrar-*`,
  );
}

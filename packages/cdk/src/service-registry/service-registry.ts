import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { importRegistry, type ServiceRegistryAttributes } from './imported-registry.ts';
import {
  checkRegistryName,
  lookUpRegistry,
  nameParameter,
  type RegistryParameter,
  type ServiceRegistryLookup,
} from './look-up-registry.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { Registrar, type RegistrarOptions, type RegistrationGrant } from '../registrar/registrar.ts';
import { createRegistryApi } from './registry-api.ts';
import type { RegistryAuth } from './registry-auth.ts';
import { grantRegistryRead, type IServiceRegistry } from './registry-reference.ts';
import { createRegistryTable } from './registry-table.ts';

export interface ServiceRegistryProps extends RegistrarOptions {
  /**
   * Publishes URL, API ARN, service token and API key as SSM parameters `/amplify-discovery/{name}/…`, from where
   * `ServiceRegistry.fromLookup` takes them. Once per account and region.
   *
   * @default none: nothing is published.
   */
  readonly name?: string | undefined;
  /**
   * Lets apps read with an API key, which each deployment keeps alive for at least 334 more days. Another name makes
   * another key, and AppSync forgets the old one.
   *
   * @default false
   */
  readonly apiKey?: boolean | { readonly name: string } | undefined;
  /**
   * Lets the signed-in users of the pool read.
   *
   * @default none
   */
  readonly userPool?: IUserPool | undefined;
  /**
   * The stage of registrations that name none.
   *
   * @default the context values `amplify-discovery:stage`, then `amplify-backend-name`.
   */
  readonly defaultStage?: string | undefined;
  /**
   * What becomes of the table when the registry is removed. With `RETAIN` it is protected from deletion as well.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
}

/**
 * A registry: the AppSync API with its schema and resolvers, the table that holds all endpoints, and the registrar.
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
  static fromAttributes(scope: Construct, id: string, attributes: ServiceRegistryAttributes): IServiceRegistry {
    return importRegistry(scope, id, attributes);
  }

  /** A registry of the same account and region, by the name that it publishes itself under. */
  static fromLookup(scope: Construct, id: string, lookup: ServiceRegistryLookup): IServiceRegistry {
    return lookUpRegistry(scope, id, lookup);
  }

  /** Under which it publishes itself; undefined where it doesn't. */
  readonly name: string | undefined;
  readonly url: string;
  readonly region: string;
  readonly apiArn: string;
  readonly serviceToken: string;
  readonly auth: RegistryAuth;
  readonly defaultStage: string | undefined;
  readonly api: GraphqlApi;
  /** Its stream carries old and new images. */
  readonly table: Table;
  readonly registrar: Registrar;

  constructor(scope: Construct, id: string, props: ServiceRegistryProps = {}) {
    super(scope, id);
    const { name, apiKey = false, userPool, defaultStage, removalPolicy = RemovalPolicy.RETAIN, ...options } = props;
    const { logRetention = RetentionDays.ONE_MONTH, tracing = false } = options;
    const apiKeyName = apiKey === true ? 'Default' : apiKey === false ? undefined : apiKey.name;
    if (apiKeyName !== undefined && !/^[A-Za-z0-9]{1,64}$/.test(apiKeyName)) {
      refuseConstruct(this, `apiKey.name: "${apiKeyName}" must be 1 to 64 letters and digits`);
    }
    this.name = name;
    this.table = createRegistryTable(this, 'Table', removalPolicy);
    this.api = createRegistryApi(this, 'Api', {
      table: this.table,
      apiKeyName,
      userPool,
      tracing,
      logRetention,
      now: new Date(),
    });
    this.url = this.api.graphqlUrl;
    this.region = Stack.of(this).region;
    this.apiArn = this.api.arn;
    this.defaultStage = defaultStage;
    this.registrar = new Registrar(this, 'Registrar', { registry: this, dependencies: [this.api], ...options });
    this.serviceToken = this.registrar.serviceToken;
    const key = this.api.apiKey;
    this.auth = key === undefined ? { mode: userPool ? 'userPool' : 'iam' } : { mode: 'apiKey', apiKey: key };

    new CfnOutput(this, 'Url', { value: this.url, description: 'GraphQL endpoint of the service registry' });
    new CfnOutput(this, 'ServiceToken', {
      value: this.serviceToken,
      description: 'ServiceToken of Custom::ServiceEndpoint',
    });
    if (name !== undefined) this.#publish(name, key);
  }

  grantRead(grantee: IGrantable): Grant {
    return grantRegistryRead(grantee, this.apiArn);
  }

  /**
   * Lets the grantee register the services: names, or patterns in which `*` stands for any text. Without services it may
   * register all. A deployment with a limited scope has to use the `serviceToken` that comes back.
   *
   * @throws DiscoveryError `InvalidOptions` for what can be no service name or pattern.
   */
  grantRegister(grantee: IGrantable, ...services: readonly string[]): RegistrationGrant {
    return this.registrar.grantRegister(grantee, ...services);
  }

  #publish(name: string, apiKey: string | undefined): void {
    checkRegistryName(this, name);
    const values: Partial<Record<RegistryParameter, string | undefined>> = {
      url: this.url,
      apiArn: this.apiArn,
      serviceToken: this.serviceToken,
      apiKey,
    };
    for (const [parameter, stringValue] of Object.entries(values)) {
      if (stringValue === undefined) continue;
      const parameterName = nameParameter(name, parameter as RegistryParameter);
      new StringParameter(this, `Parameter-${parameter}`, { parameterName, stringValue });
    }
  }
}

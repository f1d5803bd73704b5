import { findAwsApi, type RegistryAuth, type SnapshotConfig } from '@amplify-discovery/core';
import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { checkDiscoveryConfig } from '../synthesis/check-discovery-config.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { RegistrationGrant, RegistrationGrantOptions } from '../registrar/registrar.ts';
import { grantRegistryRead, type RegistryTableReference } from './registry-reference.ts';
import type { IServiceRegistry } from './registry-interface.ts';

export interface ServiceRegistryAttributes {
  /** The GraphQL endpoint. */
  readonly url: string;
  /** The ARN of the registrar function, or of the alias that `grantRegister` returned. It is in the stack's region. */
  readonly serviceToken: string;
  /**
   * The registry's region.
   *
   * @default the one in the URL, else the stack's own.
   */
  readonly region?: string | undefined;
  /**
   * The ARN of the registry's API, for `grantRead`.
   *
   * @default none: `grantRead` refuses.
   */
  readonly apiArn?: string | undefined;
  /**
   * The name that the registry publishes itself under, for a `SnapshotPublisher` that publishes beside it.
   *
   * @default none
   */
  readonly name?: string | undefined;
  /**
   * The registry's table, for a `SnapshotPublisher`.
   *
   * @default none
   */
  readonly table?: RegistryTableReference | undefined;
  /**
   * How apps read the registry.
   *
   * @default { mode: 'iam' }
   */
  readonly auth?: RegistryAuth | undefined;
  /**
   * The stage of registrations that name none.
   *
   * @default the context value `amplify-discovery:stage`, then the environment of Amplify Gen 2.
   */
  readonly defaultStage?: string | undefined;
  /**
   * Where its public snapshots are, for apps to read before they ask the registry.
   *
   * @default none
   */
  readonly snapshot?: SnapshotConfig | undefined;
}

/** A registry that another stack or account deploys. Attributes are read when they are used, not before. */
export class ImportedRegistry extends Construct implements IServiceRegistry {
  readonly #attributes: ServiceRegistryAttributes;

  constructor(scope: Construct, id: string, attributes: ServiceRegistryAttributes) {
    super(scope, id);
    this.#attributes = attributes;
  }

  get url(): string {
    return this.#attributes.url;
  }

  get serviceToken(): string {
    return this.#attributes.serviceToken;
  }

  get region(): string {
    return this.#attributes.region ?? findRegion(this.url) ?? Stack.of(this).region;
  }

  get name(): string | undefined {
    return this.#attributes.name;
  }

  get table(): RegistryTableReference | undefined {
    return this.#attributes.table;
  }

  get apiArn(): string | undefined {
    return this.#attributes.apiArn;
  }

  get auth(): RegistryAuth {
    return this.#attributes.auth ?? { mode: 'iam' };
  }

  get defaultStage(): string | undefined {
    return this.#attributes.defaultStage;
  }

  get snapshot(): SnapshotConfig | undefined {
    return this.#attributes.snapshot;
  }

  /** @throws DiscoveryError `InvalidOptions` when the registry was imported without `apiArn`. */
  grantRead(grantee: IGrantable): Grant {
    const apiArn = this.apiArn ?? refuseConstruct(this, 'grantRead needs the apiArn of the imported registry');
    return grantRegistryRead(grantee, apiArn);
  }

  /**
   * Lets the grantee use the imported token, with the scope that it has.
   *
   * @throws DiscoveryError `InvalidOptions` when a scope is named: its alias is made where the registry is deployed.
   */
  grantRegister(grantee: IGrantable, { scope }: RegistrationGrantOptions = {}): RegistrationGrant {
    const { serviceToken } = this;
    if (scope !== undefined) {
      refuseConstruct(
        this,
        `grantRegister(…, { scope: "${scope}" }): grant it where the registry is deployed, and import the serviceToken that comes back`,
      );
    }
    const grant = Grant.addToPrincipal({ grantee, actions: ['lambda:InvokeFunction'], resourceArns: [serviceToken] });
    return { grant, serviceToken };
  }
}

/**
 * The registry with those attributes.
 *
 * @throws DiscoveryError `InvalidOptions` when one of them can't be what it should.
 */
export function importRegistry(scope: Construct, id: string, attributes: ServiceRegistryAttributes): ImportedRegistry {
  const registry = new ImportedRegistry(scope, id, attributes);
  const { url, serviceToken, snapshot } = attributes;
  checkDiscoveryConfig(registry, { registry: { url, region: registry.region, auth: registry.auth }, snapshot });
  if (!Token.isUnresolved(serviceToken) && !isFunctionArn(serviceToken)) {
    refuseConstruct(
      registry,
      `serviceToken: "${serviceToken}" is not the ARN of a registrar function or of one of its aliases`,
    );
  }
  return registry;
}

function isFunctionArn(value: string): boolean {
  try {
    const { service, resource, region, account } = Arn.split(value, ArnFormat.COLON_RESOURCE_NAME);
    return service === 'lambda' && resource === 'function' && Boolean(region) && Boolean(account);
  } catch {
    return false;
  }
}

function findRegion(url: string): string | undefined {
  return URL.canParse(url) ? findAwsApi(new URL(url).hostname)?.region : undefined;
}

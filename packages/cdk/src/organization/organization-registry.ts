import { nameAccountScope, registrarTiming, registryResourceType } from '@amplify-discovery/registrar';
import type { RegistryAuth, SnapshotConfig } from '@amplify-discovery/core';
import { ArnFormat, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { checkRegistryName } from '../service-registry/check-registry-name.ts';
import { ImportedRegistry } from '../service-registry/imported-registry.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { findRegistrarName } from './find-registrar-name.ts';

export interface OrganizationMembership {
  /** The account that has the registry: twelve digits. */
  readonly account: string;
  /** The `name` that the registry was deployed with. */
  readonly name: string;
  /**
   * The `registrarName` that the registry was deployed with.
   *
   * @default discovery-registrar-{name}
   */
  readonly registrarName?: string | undefined;
  /**
   * How apps read the registry where there is no snapshot. IAM of other accounts is not let in by AppSync, so `iam` is for apps
   * whose roles are in the registry's own account.
   *
   * @default 'apiKey'
   */
  readonly auth?: 'apiKey' | 'iam' | 'userPool' | undefined;
  /**
   * Whether apps read the snapshots that the registry makes public, verified with its keys.
   *
   * @default true
   */
  readonly snapshot?: boolean | undefined;
  /**
   * The stage of registrations that name none.
   *
   * @default the context value `amplify-discovery:stage`, then the environment of Amplify Gen 2.
   */
  readonly defaultStage?: string | undefined;
}

/**
 * A registry of another account in the same region. Its token is made of that account, the registrar's name and the stack's own
 * account, so nobody copies ARNs; what apps have to know of it, its registrar says at each deployment.
 */
export class OrganizationRegistry extends ImportedRegistry {
  #description: CustomResource | undefined;

  constructor(scope: Construct, id: string, membership: OrganizationMembership) {
    const { account, name, registrarName, auth = 'apiKey', snapshot = true, defaultStage } = membership;
    // Read on use: a stack that only registers needs none of it.
    const read = (attribute: string): string => this.#describe(serviceToken).getAttString(attribute);
    super(scope, id, {
      name,
      defaultStage,
      get url() {
        return read('Url');
      },
      get region() {
        return read('Region');
      },
      get serviceToken() {
        return serviceToken;
      },
      get auth(): RegistryAuth {
        return auth === 'apiKey' ? { mode: 'apiKey', apiKey: read('ApiKey') } : { mode: auth };
      },
      get snapshot(): SnapshotConfig | undefined {
        return snapshot ? { url: read('SnapshotUrl'), trustedKeys: read('SnapshotKeys') } : undefined;
      },
    });
    checkRegistryName(this, name);
    if (!/^\d{12}$/.test(account)) refuseConstruct(this, `account: "${account}" is not twelve digits`);
    const registrar = registrarName ?? findRegistrarName(name);
    if (registrar === undefined)
      refuseConstruct(this, `name: no function can be named after "${name}"; give the registry's registrarName`);
    const stack = Stack.of(this);
    const serviceToken = stack.formatArn({
      service: 'lambda',
      account,
      resource: 'function',
      resourceName: `${registrar}:${nameAccountScope(stack.account)}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  /** The full snapshots, with `{stage}` in it, for roles of the stack's account that may `s3:GetObject`. */
  get fullSnapshotUrl(): string {
    return this.#describe(this.serviceToken).getAttString('FullSnapshotUrl');
  }

  #describe(serviceToken: string): CustomResource {
    this.#description ??= new CustomResource(this, 'Description', {
      resourceType: registryResourceType,
      serviceToken,
      serviceTimeout: Duration.seconds(registrarTiming.serviceTimeoutSeconds),
      // CloudFormation asks again only when a property changes, and keys are renewed.
      properties: { AskedOn: new Date().toISOString().slice(0, 10) },
    });
    return this.#description;
  }
}

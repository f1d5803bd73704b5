import { registryDefinition } from '@amplify-discovery/registry/definition';
import type { IGraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Registrar, RegistrationGrant, RegistrationGrantOptions } from '../registrar/registrar.ts';
import type { AuditLog } from '../audit-log/audit-log.ts';
import type { KeyRenewal } from '../api-keys/key-renewal.ts';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';
import type { RegistryAuth } from '@amplify-discovery/core';
import type { SnapshotConfig } from '@amplify-discovery/core';

/** The table of a registry, with a stream of old and new images. CDK's `ITable` fits. */
export interface RegistryTableReference {
  readonly tableArn: string;
  readonly tableStreamArn?: string | undefined;
}

/** A registry, deployed here or elsewhere. */
export interface IServiceRegistry extends IConstruct {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly region: string;
  /** The name that it publishes itself under; undefined where it doesn't, or where that isn't known. */
  readonly name?: string | undefined;
  /** Undefined for a registry that was imported without it. */
  readonly apiArn: string | undefined;
  /** What a `Custom::ServiceEndpoint` names as `ServiceToken`. */
  readonly serviceToken: string;
  /** Undefined for a registry that was imported without it. */
  readonly table?: RegistryTableReference | undefined;
  /** Undefined for a registry that was imported. */
  readonly api?: IGraphqlApi | undefined;
  /** Undefined for a registry that was imported. */
  readonly registrar?: Registrar | undefined;
  /** The stages whose public records everyone may read; undefined for all, and where that isn't known. */
  readonly openStages?: readonly string[] | undefined;
  /** What keeps its API keys alive. Undefined without one, and for a registry that was imported. */
  readonly keyRenewal?: KeyRenewal | undefined;
  /** Undefined where changes are not logged, and for a registry that was imported. */
  readonly auditLog?: AuditLog | undefined;
  /** Undefined where it publishes nothing, and for a registry that was imported. */
  readonly publisher?: SnapshotPublisher | undefined;
  /** How apps read the registry unless their own options say otherwise. */
  readonly auth: RegistryAuth;
  /** The stage of registrations that name none. */
  readonly defaultStage: string | undefined;
  /** Where its public snapshots are. Undefined where that isn't known: a publisher has its own. */
  readonly snapshot?: SnapshotConfig | undefined;
  /** Lets the grantee read the registry with IAM. It also sees owners and times, which other readers don't. */
  grantRead(grantee: IGrantable): Grant;
  /** Lets the grantee register, within the scope if one is named. */
  grantRegister(grantee: IGrantable, options?: RegistrationGrantOptions): RegistrationGrant;
}

/** The resources that reading the registry takes, for `appsync:GraphQL`. */
export function listReadResources(apiArn: string): string[] {
  return registryDefinition.readFields.map((field) => `${apiArn}/types/${field}`);
}

export function grantRegistryRead(grantee: IGrantable, apiArn: string): Grant {
  return Grant.addToPrincipal({ grantee, actions: ['appsync:GraphQL'], resourceArns: listReadResources(apiArn) });
}

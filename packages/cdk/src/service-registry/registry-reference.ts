import { registryDefinition } from '@amplify-discovery/registry/definition';
import type { IGraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { RegistryAuth, SnapshotConfig } from '@amplify-discovery/core';

/** The table of a registry, with a stream of old and new images. CDK's `ITable` fits. */
export interface RegistryTableReference {
  readonly tableArn: string;
  readonly tableStreamArn?: string | undefined;
}

/** What is known of a registry, deployed here or elsewhere, apart from the constructs that stand on it. */
export interface RegistryReference extends IConstruct {
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
  /** The stages whose public records everyone may read; undefined for all, and where that isn't known. */
  readonly openStages?: readonly string[] | undefined;
  /** How apps read the registry unless their own options say otherwise. */
  readonly auth: RegistryAuth;
  /** The stage of registrations that name none. */
  readonly defaultStage: string | undefined;
  /** Where its public snapshots are. Undefined where that isn't known: a publisher has its own. */
  readonly snapshot?: SnapshotConfig | undefined;
}

/** The resources that reading the registry takes, for `appsync:GraphQL`. */
export function listReadResources(apiArn: string): string[] {
  return registryDefinition.readFields.map((field) => `${apiArn}/types/${field}`);
}

export function grantRegistryRead(grantee: IGrantable, apiArn: string): Grant {
  return Grant.addToPrincipal({ grantee, actions: ['appsync:GraphQL'], resourceArns: listReadResources(apiArn) });
}

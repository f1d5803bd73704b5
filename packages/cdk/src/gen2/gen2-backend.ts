import type { Stack } from 'aws-cdk-lib';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { IRole } from 'aws-cdk-lib/aws-iam';

/** What discovery uses of an Amplify Gen 2 backend: the result of `defineBackend` fits. */
export interface AmplifyBackend {
  readonly stack: Stack;
  createStack(name: string): Stack;
  addOutput(output: { readonly custom: Record<string, unknown> }): void;
}

/** What discovery uses of the resources of `defineAuth`. */
export interface AmplifyAuthResources {
  readonly userPool: IUserPool;
  readonly authenticatedUserIamRole: IRole;
  readonly unauthenticatedUserIamRole: IRole;
  /** Those that were given to `defineAuth`, by name. */
  readonly groups?: Readonly<Record<string, unknown>> | undefined;
}

/** The resources of the backend's auth, under whichever key it was defined. */
export function findAuthResources(backend: AmplifyBackend): AmplifyAuthResources | undefined {
  const resources = Object.values(backend).map(
    (part) => (part as { resources?: object } | null | undefined)?.resources,
  );
  const names = ['userPool', 'authenticatedUserIamRole', 'unauthenticatedUserIamRole'];
  return resources.find((found) => found && names.every((name) => name in found)) as AmplifyAuthResources | undefined;
}

import { Token } from 'aws-cdk-lib';

/**
 * The name of the registrar's function, from the registry's: what stacks of other accounts can make its token of, and what is the same
 * again when the registry was lost and is built anew. Undefined for a name that only the deployment knows.
 */
export function findRegistrarName(registryName: string | undefined): string | undefined {
  if (registryName === undefined || Token.isUnresolved(registryName)) return undefined;
  return `discovery-registrar-${registryName}`;
}

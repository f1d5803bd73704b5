import { Token } from 'aws-cdk-lib';

/**
 * The name of the registrar's function, from the registry's: what stacks of other accounts can know without being told.
 * Undefined where no function can be named so: after a name that only the deployment knows, has a dot, or is too long.
 */
export function findRegistrarName(registryName: string | undefined): string | undefined {
  if (registryName === undefined || Token.isUnresolved(registryName)) return undefined;
  const name = `discovery-registrar-${registryName}`;
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : undefined;
}

import type { IConstruct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/** The name of a scope, which is that of a Lambda alias, and of a rule in the registry. */
export function checkScopeName(scope: IConstruct, name: string): string {
  if (/^(?!\d+$)[A-Za-z0-9_-]{1,128}$/.test(name)) return name;
  return refuseConstruct(scope, `scope: "${name}" must be 1 to 128 of A-Z a-z 0-9 _ - and not a number`);
}

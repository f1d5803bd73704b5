import type { FindTrust } from '../trust/trust.ts';
import type { Endpoint } from './endpoint.ts';
import { findOrigin } from './origin.ts';

/**
 * Whether requests may go to the endpoint at all. An ARN has no host: it is called through AWS. What was read from another
 * system must be listed, because whoever may write there need not be allowed to register.
 */
export function isTrusted(endpoint: Pick<Endpoint, 'target' | 'metadata'>, findTrust: FindTrust): boolean {
  const { target } = endpoint;
  const isArn = target.startsWith('arn:');
  if (findOrigin(endpoint) !== undefined) return !isArn && findTrust(target) === 'listed';
  return isArn || findTrust(target) !== undefined;
}

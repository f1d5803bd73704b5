import type { CloudFormationEvent } from '@amplify-discovery/aws/custom-resource';
import { DiscoveryError } from '@amplify-discovery/core';

/** Names the scope of all stacks of an account: the alias that this account alone may call. */
export function nameAccountScope(account: string): string {
  return `account-${account}`;
}

/**
 * Refuses an event in the name of another account's stack. An account that may call its own alias could otherwise name any
 * stack in an event, and so remove what that stack has registered.
 *
 * @throws DiscoveryError `RegistryDenied`
 */
export function checkAccount({ StackId }: Pick<CloudFormationEvent, 'StackId'>, scope: string | undefined): void {
  const [, expected] = /^account-(\d{12})$/.exec(scope ?? '') ?? [];
  const account = StackId.split(':').at(4);
  if (expected === undefined || account === expected) return;
  const message = `The registrar was called as ${scope}, for the stack ${StackId} of another account. Use the ServiceToken that ends in ${nameAccountScope(account ?? '')}`;
  throw new DiscoveryError('RegistryDenied', message);
}

import { isStackOwner, type ListedEndpoint } from '@amplify-discovery/console';
import { deregisterEndpoint, type EndpointChange } from '@amplify-discovery/registry/operations';
import type { Connection } from './connect-registry.ts';

/**
 * Removes exactly the record that was read, whoever holds it: what another identity has registered is taken over for that, with the
 * reason. Only a registrar may act as a stack, so a stack's record is taken over in the name of `owner`.
 */
export function removeRecord(
  { transport, operation }: Connection,
  record: ListedEndpoint,
  { owner, reason }: { readonly owner: string; readonly reason: string },
): Promise<EndpointChange> {
  const { stage, service, id, token } = record;
  const holder = isStackOwner(record.owner) ? owner : (record.owner ?? owner);
  const input = { stage, service, id, token, owner: holder, takeover: true, reason };
  return deregisterEndpoint(transport, input, operation);
}

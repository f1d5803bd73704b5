import type { Endpoint } from '@amplify-discovery/core';
import type {
  DeregisterEndpointInput,
  RegisterEndpointInput,
  RegisteredEndpoint,
} from '@amplify-discovery/registry/operations';
import { listEndpoint, parseRegistered } from '../registry/listed-endpoint.ts';
import { diffEndpoints } from './diff-endpoints.ts';

export interface RollbackOptions {
  readonly stage: string;
  /** The stage's records as the registry has them now, with owner and token. */
  readonly current: readonly RegisteredEndpoint[];
  /** The endpoints of the snapshot to go back to. */
  readonly target: readonly Endpoint[];
  /** The owner of endpoints that are registered anew because nobody holds their key. */
  readonly owner: string;
  /** Whether to remove endpoints that the snapshot lacks. @default false: they are only listed */
  readonly removesAdded?: boolean | undefined;
}

export type RollbackStep =
  | { readonly action: 'register'; readonly fields: readonly string[]; readonly input: RegisterEndpointInput }
  | { readonly action: 'deregister'; readonly input: DeregisterEndpointInput }
  | { readonly action: 'keep'; readonly service: string; readonly id: string };

/**
 * The writes that return a stage to a snapshot: ordinary registrations, each with the current owner and token, so that a record
 * that has changed in the meantime is refused with `ConcurrentChange` instead of being overwritten. Overrides stay: what is
 * compared and written is what serves after them. A malformed record is replaced if the snapshot has its key, otherwise kept.
 */
export function planRollback({
  stage,
  current,
  target,
  owner,
  removesAdded = false,
}: RollbackOptions): readonly RollbackStep[] {
  const keyOf = (service: string, id: string) => `${service}#${id}`;
  const held = new Map(current.map((record) => [keyOf(record.service, record.id), record]));
  const present = current.flatMap((record) => findRegistered(record) ?? []);
  return diffEndpoints(present, target).map(({ service, id, after, fields }): RollbackStep => {
    const record = held.get(keyOf(service, id));
    const fence = { owner: record?.owner ?? owner, ...(record?.token && { token: record.token }) };
    if (after) return { action: 'register', fields, input: { ...listEndpoint(after), ...fence } };
    return removesAdded
      ? { action: 'deregister', input: { stage, service, id, ...fence } }
      : { action: 'keep', service, id };
  });
}

function findRegistered(record: RegisteredEndpoint): Endpoint | undefined {
  try {
    return parseRegistered(record);
  } catch {
    return undefined;
  }
}

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
  /** Who owns what has to be registered anew, because nobody holds its key now. */
  readonly owner: string;
  /** Whether endpoints that the snapshot didn't have are removed. @default false: they are only listed */
  readonly removesAdded?: boolean | undefined;
}

export type RollbackStep =
  | { readonly action: 'register'; readonly fields: readonly string[]; readonly input: RegisterEndpointInput }
  | { readonly action: 'deregister'; readonly input: DeregisterEndpointInput }
  | { readonly action: 'keep'; readonly service: string; readonly id: string };

/**
 * The writes that bring a stage back to what a snapshot had: ordinary registrations, each under the owner that holds the
 * key now and with the token it has now, so that one that has moved on meanwhile is refused with `ConcurrentChange`
 * instead of being overwritten. Overrides stay as they are: what is compared and written is what serves after them. A malformed record of now is replaced where the snapshot has its key, and otherwise kept.
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

import type {
  DeregisterEndpointInput,
  RegisterEndpointInput,
  RegisteredEndpoint,
} from '@amplify-discovery/registry/operations';
import { diffEndpoints, indexByKey } from './diff-snapshots.ts';

export interface RollbackOptions {
  readonly stage: string;
  /** The stage's records as the registry has them now, with owner and token. */
  readonly current: readonly RegisteredEndpoint[];
  /** The endpoints of the snapshot to go back to. */
  readonly target: readonly unknown[];
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
 * instead of being overwritten.
 */
export function planRollback({
  stage,
  current,
  target,
  owner,
  removesAdded = false,
}: RollbackOptions): readonly RollbackStep[] {
  const held = indexByKey(current);
  return diffEndpoints(current, target).map(({ service, id, after, fields }) => {
    const record = held.get(`${service}#${id}`) as RegisteredEndpoint | undefined;
    const fence = { owner: record?.owner ?? owner, ...(record?.token && { token: record.token }) };
    if (after) return { action: 'register', fields, input: { ...makeInput(after), stage, service, id, ...fence } };
    return removesAdded
      ? { action: 'deregister', input: { stage, service, id, ...fence } }
      : { action: 'keep', service, id };
  });
}

function makeInput(
  record: Readonly<Record<string, unknown>>,
): Omit<RegisterEndpointInput, 'stage' | 'service' | 'owner'> {
  const { kind, target, region, signingService, authMode, version, tenant, weight, metadata, expiresAt } = record;
  const fields = { kind, target, region, signingService, authMode, version, tenant, weight, expiresAt };
  const given = Object.entries(fields).filter(([, value]) => value != null);
  const map = typeof metadata === 'string' ? (JSON.parse(metadata) as unknown) : metadata;
  return { ...Object.fromEntries(given), ...(map != null && { metadata: map }) } as never;
}

import { diffEndpoints, isStackOwner, listEndpoint, parseRegistered } from '@amplify-discovery/console';
import { parseEndpoint, type Endpoint } from '@amplify-discovery/core';
import type {
  DeregisterEndpointInput,
  OverrideEndpointInput,
  RegisterEndpointInput,
  RegisteredEndpoint,
} from '@amplify-discovery/registry/operations';

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
  /**
   * Overrides for this time what is held, whoever holds it, and takes over what is removed.
   *
   * @default none: what is held is registered anew for its owner
   */
  readonly time?: { readonly until: string; readonly reason: string } | undefined;
}

export type RollbackStep =
  | { readonly action: 'register'; readonly fields: readonly string[]; readonly input: RegisterEndpointInput }
  | {
      readonly action: 'override';
      readonly fields: readonly string[];
      /** Fields that differ, too, and can't be overridden. */
      readonly skipped: readonly string[];
      readonly input: OverrideEndpointInput;
    }
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
  time,
}: RollbackOptions): readonly RollbackStep[] {
  const keyOf = (service: string, id: string) => `${service}#${id}`;
  const held = new Map(current.map((record) => [keyOf(record.service, record.id), record]));
  const present = current.flatMap((record) => (time ? findServed(record) : findRegistered(record)) ?? []);
  return diffEndpoints(present, target).map(({ service, id, after, fields }): RollbackStep => {
    const record = held.get(keyOf(service, id));
    const fence = { owner: record?.owner ?? owner, ...(record?.token && { token: record.token }) };
    if (after && record && time) return planOverride(record, after, fields, time);
    if (after) return { action: 'register', fields, input: { ...listEndpoint(after), ...fence } };
    const taken = time && { takeover: true, reason: time.reason };
    const holder = time && isStackOwner(record?.owner) ? { ...fence, owner } : fence;
    return removesAdded
      ? { action: 'deregister', input: { stage, service, id, ...holder, ...taken } }
      : { action: 'keep', service, id };
  });
}

const overridable = ['target', 'region', 'signingService', 'version', 'priority', 'weight'] as const;

/** What differs from what the owner has registered; where nothing does, the override of now ends. */
function planOverride(
  record: RegisteredEndpoint,
  after: Endpoint,
  fields: readonly string[],
  time: { readonly until: string; readonly reason: string },
): RollbackStep {
  const registered = findRegistered(record);
  const values = Object.fromEntries(
    overridable.filter((name) => after[name] !== registered?.[name]).map((name) => [name, after[name]]),
  );
  const { stage, service, id } = record;
  const isOver = Object.keys(values).length === 0;
  const skipped = fields.filter((name) => !overridable.some((one) => one === name));
  return { action: 'override', fields, skipped, input: { stage, service, id, ...values, ...(!isOver && time) } };
}

function findServed(record: RegisteredEndpoint): Endpoint | undefined {
  try {
    return parseEndpoint(record, record.stage);
  } catch {
    return undefined;
  }
}

function findRegistered(record: RegisteredEndpoint): Endpoint | undefined {
  try {
    return parseRegistered(record);
  } catch {
    return undefined;
  }
}

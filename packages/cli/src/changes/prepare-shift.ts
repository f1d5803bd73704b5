import { isStackOwner, listEndpoint, parseRegistered } from '@amplify-discovery/console';
import { DiscoveryError, isDiscoveryError } from '@amplify-discovery/core';
import {
  findService,
  overrideEndpoint,
  registerEndpoint,
  type RegisteredEndpoint,
  type RegisterEndpointInput,
} from '@amplify-discovery/registry/operations';
import type { Connection } from '../registry/connect-registry.ts';
import { continueOverride } from '../registry/continue-override.ts';
import type { OverrideTime } from './override-time.ts';
import { planShift, type WeightChange } from './plan-shift.ts';
import type { PreparedChange } from './prepared-change.ts';

export interface ShiftOptions {
  readonly stage: string;
  readonly service: string;
  /** Shift among this tenant's endpoints. @default those without a tenant */
  readonly tenant?: string | undefined;
  /** Percentages by endpoint id; the others share the rest. */
  readonly shares: ReadonlyMap<string, number>;
  /** Override the weights for this time. @default the records are registered anew for their owners */
  readonly time?: OverrideTime | undefined;
}

export interface PreparedShift extends PreparedChange {
  readonly changes: readonly WeightChange[];
}

/**
 * Reads the service's records and plans the weights that give the endpoints their shares. Writing is refused where a record has
 * changed since.
 *
 * @throws DiscoveryError `ServiceNotFound`, `InvalidOptions` as `planShift`; those of the registry.
 */
export async function prepareShift(
  connection: Connection,
  { stage, service, tenant, shares, time }: ShiftOptions,
): Promise<PreparedShift> {
  const { transport, operation } = connection;
  const found = await findService(transport, service, { ...operation, withOwner: true });
  const records = found.filter((record) => record.stage === stage && record.tenant === (tenant ?? null));
  if (records.length === 0)
    throw new DiscoveryError('ServiceNotFound', describeNone(service, stage, found), { service, stage });
  const changes = planShift(records, shares);
  return {
    changes,
    lines: changes.map(({ record, weight }) => `weight ${service}/${record.id} ${record.weight} → ${weight}`),
    async write() {
      for (const change of changes) await writeWeight(change, time, connection);
    },
  };
}

/** What exists instead: other tenants' endpoints in the stage, or the service in other stages. */
function describeNone(service: string, stage: string, found: readonly RegisteredEndpoint[]): string {
  const here = found.filter((record) => record.stage === stage).map(({ tenant }) => tenant ?? 'no tenant');
  const elsewhere = found.map((record) => record.stage);
  const list = (names: readonly string[]) => [...new Set(names)].slice(0, 5).join(', ');
  if (here.length > 0)
    return `No endpoint of "${service}" in "${stage}" is for that tenant; there are those of ${list(here)}`;
  const instead = elsewhere.length > 0 ? `; it is registered in ${list(elsewhere)}` : '';
  return `No endpoint of "${service}" in "${stage}"${instead}`;
}

async function writeWeight(
  change: WeightChange,
  time: OverrideTime | undefined,
  { transport, operation }: Connection,
): Promise<void> {
  const { record, weight } = change;
  const { stage, service, id } = record;
  if (time) {
    const input = { stage, service, id, ...continueOverride(record), weight, ...time };
    await overrideEndpoint(transport, input, operation);
    return;
  }
  try {
    await registerEndpoint(transport, makeInput(change), operation);
  } catch (error) {
    if (!isDiscoveryError(error) || error.code !== 'RegistryDenied' || !isStackOwner(record.owner)) throw error;
    const advice = 'Give --for and --reason to override the weight for a time, which leaves the record with its stack';
    throw new DiscoveryError('RegistryDenied', `${error.message}. ${advice}`, { service, stage, cause: error });
  }
}

/** The record with another weight; owner and token protect a newer record from being overwritten. */
function makeInput({ record, weight }: WeightChange): RegisterEndpointInput {
  const { owner, token } = record;
  return { ...listEndpoint(parseRegistered(record)), weight, owner: owner ?? '', token: token ?? '' };
}

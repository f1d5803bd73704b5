import { type ConsoleAction, listRecord, type PlannedChange } from '@amplify-discovery/console';
import { createWriterError, type DiscoveryError, type EndpointField } from '@amplify-discovery/core';
import { listStageRecords } from '@amplify-discovery/registry/operations';
import { findOverrideTime } from '../changes/override-time.ts';
import { prepareRegistration } from '../changes/prepare-registration.ts';
import { prepareRollback } from '../changes/prepare-rollback.ts';
import { prepareShift } from '../changes/prepare-shift.ts';
import type { StoredSnapshots } from '../history/stored-snapshots.ts';
import type { Connection } from '../registry/connect-registry.ts';
import { removeRecord } from '../registry/remove-record.ts';
import type { CommandContext } from '../terminal/command-context.ts';

interface Surroundings {
  readonly connection: Connection;
  readonly openHistory: (stage: string) => StoredSnapshots;
  /** The owner of what is registered anew. */
  readonly owner: string;
  readonly context: CommandContext;
}

/** Plans what the page asks for, as the commands of the same names do. */
export async function planAction(
  action: ConsoleAction,
  { connection, openHistory, owner, context }: Surroundings,
): Promise<PlannedChange> {
  const { kind, stage } = action;
  switch (kind) {
    case 'shift': {
      const { service, tenant, shares } = action;
      const time = readTime(action, context);
      return prepareShift(connection, { stage, service, tenant, shares: new Map(Object.entries(shares)), time });
    }
    case 'register': {
      const { service, id, target, version, weight } = action;
      const input = { stage, service, id, target, version, weight, owner };
      const { lines, write } = prepareRegistration(connection, input, nameField);
      return { lines, write: async () => void (await write()) };
    }
    case 'deregister':
      return planRemoval(action, connection, owner);
    case 'rollback': {
      const { endpoints: target } = await openHistory(stage).open(action.version);
      const { removesAdded } = action;
      const options = { stage, target, owner, removesAdded, time: readTime(action, context) };
      return prepareRollback(connection, options, context);
    }
  }
}

async function planRemoval(
  { stage, service, id, token, reason }: Extract<ConsoleAction, { kind: 'deregister' }>,
  connection: Connection,
  owner: string,
): Promise<PlannedChange> {
  const { transport, operation } = connection;
  const records = await listStageRecords(transport, stage, { ...operation, services: [service] });
  const record = records.find((one) => one.id === id && one.service === service && one.token === token);
  if (!record) throw changed(stage, service, id);
  return {
    lines: [`deregister ${service}/${id} of ${record.owner ?? 'nobody'}`],
    async write() {
      const { change } = await removeRecord(connection, listRecord(record), { owner, reason });
      if (change !== 'deregistered') throw changed(stage, service, id);
    },
  };
}

function changed(stage: string, service: string, id: string): DiscoveryError {
  const message = `${service}/${id} in "${stage}" has changed since it was read, so it was not removed`;
  return createWriterError('ConcurrentChange', message, { service, stage });
}

function readTime(
  { kind, time }: { readonly kind: string; readonly time?: object | undefined },
  { now }: CommandContext,
) {
  return findOverrideTime(kind, { for: undefined, until: undefined, reason: undefined, ...time }, now());
}

const names: Partial<Record<EndpointField, string>> = { service: 'The service', target: 'The target', id: 'The id' };

function nameField(field: EndpointField): string {
  return names[field] ?? `The ${field}`;
}

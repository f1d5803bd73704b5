import { createWriterError, isDiscoveryError, type Endpoint } from '@amplify-discovery/core';
import {
  deregisterEndpoint,
  findService,
  overrideEndpoint,
  registerEndpoint,
  type EndpointChange,
  type RegisteredEndpoint,
} from '@amplify-discovery/registry/operations';
import type { Connection } from '../registry/connect-registry.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { planRollback, type RollbackOptions, type RollbackStep } from './plan-rollback.ts';
import type { PreparedChange } from './prepared-change.ts';

export interface PreparedRollback extends PreparedChange {
  readonly steps: readonly RollbackStep[];
  /** How many of the steps write. */
  readonly writes: number;
}

/**
 * Reads the stage and plans the steps back to the target's endpoints; those that have expired are skipped. The lines name
 * every step, also those that keep an endpoint.
 *
 * @throws DiscoveryError those of the registry.
 */
export async function prepareRollback(
  connection: Connection,
  { target, ...options }: Omit<RollbackOptions, 'current'>,
  { now, signal }: Pick<CommandContext, 'now' | 'signal'>,
): Promise<PreparedRollback> {
  const unexpired = target.filter((endpoint) => !isExpired(endpoint, now()));
  const services = unexpired.map(({ service }) => service);
  const current = await readRecords(connection, options.stage, services, signal);
  const steps = planRollback({ ...options, current, target: unexpired });
  const writes = steps.filter((step) => step.action !== 'keep');
  return {
    steps,
    writes: writes.length,
    lines: steps.map(describeStep),
    write: () => writeSteps(writes, connection),
  };
}

/** The stage's records with owner and token, for the services that it has now and those in the snapshot. */
async function readRecords(
  { source, transport, operation }: Connection,
  stage: string,
  services: readonly string[],
  signal: AbortSignal,
): Promise<readonly RegisteredEndpoint[]> {
  const answer = await source.load({ stage, signal });
  const present = (answer.unchanged ? [] : answer.endpoints) as readonly Record<string, unknown>[];
  const records: RegisteredEndpoint[] = [];
  for (const service of new Set([...present.map((endpoint) => String(endpoint['service'])), ...services])) {
    const found = await findService(transport, service, { ...operation, withOwner: true });
    records.push(...found.filter((record) => record.stage === stage));
  }
  return records;
}

/** One at a time; a failure is reported with how many were written before it. */
async function writeSteps(
  steps: readonly Exclude<RollbackStep, { readonly action: 'keep' }>[],
  { transport, operation }: Connection,
): Promise<void> {
  for (const [done, step] of steps.entries()) {
    try {
      if (step.action === 'register') await registerEndpoint(transport, step.input, operation);
      else if (step.action === 'override') await overrideEndpoint(transport, step.input, operation);
      else requireRemoved(await deregisterEndpoint(transport, step.input, operation));
    } catch (error) {
      if (!isDiscoveryError(error)) throw error;
      const { code, message, service, stage } = error;
      throw createWriterError(code, `${message} (${done} of ${steps.length} steps were written before)`, {
        service,
        stage,
        cause: error,
      });
    }
  }
}

/** A removal that no longer fits the record does nothing and succeeds; here that counts as a collision. */
function requireRemoved({ change, endpoint, service, id, stage }: EndpointChange): void {
  if (change !== 'unchanged' || endpoint === null) return;
  throw createWriterError(
    'ConcurrentChange',
    `${service}/${id} in "${stage}" has changed since it was read, so it was not removed`,
    { service, stage },
  );
}

function isExpired({ expiresAt = Infinity }: Endpoint, now: number): boolean {
  return expiresAt <= now;
}

function describeStep(step: RollbackStep): string {
  if (step.action === 'keep') return `keep       ${step.service}/${step.id}: not in the snapshot`;
  if (step.action === 'override') {
    const { service, id, until } = step.input;
    const rest = step.skipped.length > 0 ? `; not ${step.skipped.join(', ')}` : '';
    return `override   ${service}/${id ?? 'default'} (${step.fields.join(', ')}) ${until ? `until ${until}` : 'ends'}${rest}`;
  }
  const { service, id, owner } = step.input;
  if (step.action === 'deregister') return `deregister ${service}/${id ?? 'default'} of ${owner}`;
  const what = step.fields.length > 0 ? ` (${step.fields.join(', ')})` : '';
  return `register   ${service}/${id ?? 'default'} ${step.input.target}${what} for ${owner}`;
}

import { type ListedEndpoint, listRecord } from '@amplify-discovery/console';
import { DiscoveryError } from '@amplify-discovery/core';
import { findService, listStages } from '@amplify-discovery/registry/operations';
import { defineCommand, type Command } from '../terminal/command.ts';
import { checkNames } from '../registry/check-names.ts';
import { getStages } from '../registry/connect-registry.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { formatTable } from '../terminal/format-table.ts';
import { openReading, type Reading } from '../registry/open-reading.ts';
import { addOwners, readStages, type Listing } from '../registry/read-stages.ts';
import { noteStages } from '../registry/note-stages.ts';
import { registryOptions, sourceOption } from '../registry/registry-options.ts';

/** `discovery list` */
export const listCommand: Command = defineCommand({
  name: 'list',
  summary: 'Lists the endpoints of a stage, or where one service is registered.',
  details:
    'With SERVICE and without --stage: in all stages of the registry. That, --all-stages and --owners (who holds a record, and its token) need IAM credentials; with an API key a stage shows its public records.',
  arguments: [{ name: 'SERVICE', help: 'Only this service.', isOptional: true }],
  options: {
    stage: { kind: 'list', value: 'STAGE', help: 'The stage. Default: DISCOVERY_STAGE or the outputs.' },
    'all-stages': { kind: 'flag', help: 'List every stage.' },
    owners: {
      kind: 'flag',
      help: 'Show owner, actor, token and times, priority, who may read, and overrides as well.',
    },
    source: sourceOption,
    ...registryOptions,
  },
  examples: [
    ['discovery list --stage Production', 'a stage'],
    ['discovery list user-management-service', 'a service in all stages'],
    ['discovery list --stage dev --source cloud-map:internal', 'what AWS Cloud Map has'],
    ['discovery list --all-stages --json | jq .endpoints[].target', 'everything, for a program'],
  ],
  async run({ arguments: [service], options }, context) {
    if (service !== undefined) checkNames('SERVICE', [service]);
    const isForeign = options.source !== undefined;
    if (isForeign && (options.owners || options['all-stages']))
      throw new DiscoveryError(
        'InvalidOptions',
        '--owners and --all-stages: only a registry can answer that, not --source',
      );
    const acrossStages = !isForeign && (options['all-stages'] || (service !== undefined && options.stage.length === 0));
    const access = options.owners || acrossStages ? 'signed' : 'prefer-signed';
    const reading = await openReading(options, context, access);
    const { endpoints, rejected } = await context.wait(
      `Reading ${reading.source.name}`,
      readEndpoints(reading, context, service, options),
    );
    if (options.json) context.printJson({ endpoints, rejected });
    else if (endpoints.length === 0) {
      context.note('There are no endpoints.');
      if (!acrossStages) await noteStages(getStages(options.stage, reading.settings), reading.registry, context);
    } else for (const line of formatEndpoints(endpoints, options.owners)) context.print(line);
    for (const reason of rejected) context.note(`Left out: ${reason}`);
  },
});

interface Wanted {
  readonly stage: readonly string[];
  readonly 'all-stages': boolean;
  readonly owners: boolean;
}

async function readEndpoints(
  { source, settings, registry }: Reading,
  { signal }: CommandContext,
  service: string | undefined,
  { stage, owners, 'all-stages': allStages }: Wanted,
): Promise<Listing> {
  if (registry && service !== undefined && stage.length === 0) {
    const records = await findService(registry.transport, service, { ...registry.operation, withOwner: owners });
    return { endpoints: records.map(listRecord), rejected: [] };
  }
  const stages =
    registry && allStages ? await listStages(registry.transport, registry.operation) : getStages(stage, settings);
  const services = service === undefined ? undefined : [service];
  const listing = await readStages({ source }, stages, signal, services);
  return registry && owners ? addOwners(registry, listing, services) : listing;
}

const ownerColumns = ['priority', 'public', 'owner', 'actor', 'token', 'updatedAt', 'override'] as const;

function formatEndpoints(endpoints: readonly ListedEndpoint[], owners: boolean): readonly string[] {
  const columns = ['stage', 'service', 'id', 'kind', 'target', 'version', 'tenant', 'weight', 'expiresAt'] as const;
  const always = ['stage', 'service', 'id', 'kind', 'target'];
  const shown = [...columns, ...(owners ? ownerColumns : [])].filter(
    (column) => always.includes(column) || endpoints.some((endpoint) => endpoint[column] !== undefined),
  );
  const sorted = [...endpoints].sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
  return formatTable(
    shown,
    sorted.map((endpoint) => shown.map((column) => showCell(endpoint, column))),
  );
}

function showCell(endpoint: ListedEndpoint, column: keyof ListedEndpoint): string {
  const { override } = endpoint;
  if (column !== 'override' || !override) return String(endpoint[column] ?? '');
  const { until, reason, registered, actor } = override;
  const fields = Object.entries(registered).filter(([name, value]) => value !== (endpoint[name as 'target'] ?? null));
  const instead = fields.map(([name, value]) => (name === 'target' ? value : `${name} ${value ?? 'none'}`)).join(', ');
  return `until ${until}: ${reason} (${actor ?? 'unknown'}, instead of ${instead || registered.target})`;
}

function sortKey({ stage, service, id }: ListedEndpoint): string {
  return [stage, service, id].join('\n');
}

import { parseSnapshot } from '@amplify-discovery/core';
import { findService, listStages, type RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import { defineCommand, type Command } from '../command.ts';
import { connectRegistry, getStages, type Connection } from '../connect-registry.ts';
import type { CommandContext } from '../command-context.ts';
import { formatTable } from '../format-table.ts';
import { listEndpoint, listRecord, type ListedEndpoint } from '../listed-endpoint.ts';
import { registryOptions } from '../registry-options.ts';

/** `discovery list` */
export const listCommand: Command = defineCommand({
  name: 'list',
  summary: 'Lists the endpoints of a stage, or where one service is registered.',
  details:
    'With SERVICE and without --stage: in all stages. --owners adds who holds a record and its token; it needs IAM credentials.',
  arguments: [{ name: 'SERVICE', help: 'Only this service.', isOptional: true }],
  options: {
    stage: { kind: 'list', value: 'STAGE', help: 'The stage. Default: DISCOVERY_STAGE or the outputs.' },
    'all-stages': { kind: 'flag', help: 'List every stage.' },
    owners: { kind: 'flag', help: 'Show owner, token and times as well.' },
    ...registryOptions,
  },
  examples: [
    ['discovery list --stage Production', 'a stage'],
    ['discovery list user-management-service', 'a service in all stages'],
    ['discovery list --all-stages --json | jq .endpoints[].target', 'everything, for a program'],
  ],
  async run({ arguments: [service], options }, context) {
    const connection = await connectRegistry(options, context, options.owners ? 'write' : 'read');
    const { url } = connection.settings;
    const { endpoints, rejected } = await context.wait(
      `Reading ${url}`,
      readEndpoints(connection, context, service, options),
    );
    if (options.json) context.printJson({ endpoints, rejected });
    else if (endpoints.length === 0) context.note('There is no endpoint.');
    else context.print(formatEndpoints(endpoints, options.owners));
    for (const reason of rejected) context.note(`Left out: ${reason}`);
  },
});

interface Listing {
  readonly endpoints: readonly ListedEndpoint[];
  /** Why records were left out. */
  readonly rejected: readonly string[];
}

interface Wanted {
  readonly stage: readonly string[];
  readonly 'all-stages': boolean;
  readonly owners: boolean;
}

async function readEndpoints(
  connection: Connection,
  context: CommandContext,
  service: string | undefined,
  wanted: Wanted,
): Promise<Listing> {
  const everywhere = wanted['all-stages'] || (service !== undefined && wanted.stage.length === 0);
  if (service !== undefined && (everywhere || wanted.owners))
    return readService(connection, service, wanted, everywhere);
  const stages = everywhere
    ? await listStages(connection.transport, connection.operation)
    : getStages(wanted.stage, connection.settings);
  const listings = [];
  for (const stage of stages) listings.push(await readStage(connection, context, stage, service));
  const listing = joinListings(listings);
  return wanted.owners ? addOwners(connection, listing) : listing;
}

async function readStage(
  { source }: Connection,
  { signal }: CommandContext,
  stage: string,
  service: string | undefined,
): Promise<Listing> {
  const services = service === undefined ? undefined : [service];
  const answer = await source.load({ stage, services, signal });
  const snapshot = parseSnapshot(answer, stage, () => 'listed');
  const endpoints = [...snapshot.services.values()]
    .flat()
    .filter((endpoint) => service === undefined || endpoint.service === service)
    .map(listEndpoint);
  return { endpoints, rejected: snapshot.rejected.map((error) => error.message) };
}

async function readService(
  connection: Connection,
  service: string,
  { stage, owners }: Wanted,
  everywhere: boolean,
): Promise<Listing> {
  const records = await findService(connection.transport, service, { ...connection.operation, withOwner: owners });
  const stages = everywhere ? undefined : getStages(stage, connection.settings);
  return {
    endpoints: records.filter((record) => stages?.includes(record.stage) ?? true).map(listRecord),
    rejected: [],
  };
}

async function addOwners(connection: Connection, { endpoints, rejected }: Listing): Promise<Listing> {
  const records: RegisteredEndpoint[] = [];
  for (const service of new Set(endpoints.map((endpoint) => endpoint.service))) {
    records.push(...(await findService(connection.transport, service, { ...connection.operation, withOwner: true })));
  }
  const withOwners = endpoints.map((endpoint) => {
    const own = records.find(
      ({ stage, service, id }) => stage === endpoint.stage && service === endpoint.service && id === endpoint.id,
    );
    return own ? { ...endpoint, ...listRecord(own) } : endpoint;
  });
  return { endpoints: withOwners, rejected };
}

function joinListings(listings: readonly Listing[]): Listing {
  return {
    endpoints: listings.flatMap(({ endpoints }) => endpoints),
    rejected: listings.flatMap(({ rejected }) => rejected),
  };
}

function formatEndpoints(endpoints: readonly ListedEndpoint[], owners: boolean): string {
  const columns = ['stage', 'service', 'id', 'kind', 'target', 'version', 'tenant', 'weight', 'expiresAt'] as const;
  const always = ['stage', 'service', 'id', 'kind', 'target'];
  const shown = [...columns, ...(owners ? (['owner', 'token', 'updatedAt'] as const) : [])].filter(
    (column) => always.includes(column) || endpoints.some((endpoint) => endpoint[column] !== undefined),
  );
  const sorted = [...endpoints].sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
  return formatTable(
    shown,
    sorted.map((endpoint) => shown.map((column) => String(endpoint[column] ?? ''))),
  );
}

function sortKey({ stage, service, id }: ListedEndpoint): string {
  return [stage, service, id].join('\n');
}

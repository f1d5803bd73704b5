import {
  createResolver,
  DiscoveryError,
  findNearNames,
  isDiscoveryError,
  isName,
  parseSnapshot,
  versionRange,
} from '@amplify-discovery/core';
import { defineCommand, type Command } from '../terminal/command.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { chooseTrust, trustedHostOption } from '../registry/choose-trust.ts';
import { connectRegistry, getStages, type Connection } from '../registry/connect-registry.ts';
import { listEndpoint } from '../registry/listed-endpoint.ts';
import { registryOptions } from '../registry/registry-options.ts';

/** `discovery resolve` */
export const resolveCommand: Command = defineCommand({
  name: 'resolve',
  summary: 'Prints the target that an app would call for a service.',
  details:
    "Selects as the client does, under the same trust rule: --trusted-host, else the outputs' trusted hosts, else AWS's own\n" +
    "API domains in the registry's region.",
  arguments: [{ name: 'SERVICE', help: "The service's name." }],
  options: {
    stage: {
      kind: 'list',
      value: 'STAGE',
      help: 'The stage; of several the first that has the service wins. Default: DISCOVERY_STAGE or the outputs.',
    },
    id: { kind: 'text', value: 'ID', help: 'Only this endpoint of the service.' },
    version: { kind: 'text', value: 'RANGE', help: 'Only these versions: ^1.2.' },
    tenant: { kind: 'text', value: 'TENANT', help: "The tenant's own endpoint where there is one." },
    affinity: { kind: 'text', value: 'KEY', help: 'Choose among weighted endpoints for this user or session.' },
    'trusted-host': trustedHostOption,
    ...registryOptions,
  },
  examples: [
    ['curl "$(discovery resolve users --stage dev)/health"', 'call a service by its name'],
    [
      'discovery resolve users --stage pr-9 --stage dev --json',
      'a preview over a shared stage, with all that is known',
    ],
  ],
  async run({ arguments: [service = ''], options }, context) {
    if (!isName(service))
      throw new DiscoveryError('InvalidOptions', `SERVICE: "${service}" is not a name of [A-Za-z0-9._-]{1,128}`);
    const connection = await connectRegistry(options, context, 'read');
    const { source, settings } = connection;
    const stages = getStages(options.stage, settings);
    const resolver = createResolver({
      source,
      stage: stages,
      services: [service],
      ...chooseTrust(options['trusted-host'], settings),
      now: context.now,
    });
    const criteria = {
      id: options.id,
      version: options.version === undefined ? undefined : versionRange(options.version),
      tenant: options.tenant,
      affinityKey: options.affinity,
    };
    const { signal } = context;
    const answer = context.wait(`Reading ${settings.url}`, resolver.resolve(service, criteria, { signal }));
    const { endpoint, revision } = await answer.catch(async (error: unknown) => {
      await suggestName(error, service, stages, connection, context);
      throw error;
    });
    if (options.json) context.printJson({ ...listEndpoint(endpoint), revision });
    else context.print(endpoint.target);
  },
});

/** Says which name of the stage was probably meant. Only a remark: what fails here changes nothing. */
async function suggestName(
  error: unknown,
  service: string,
  stages: readonly string[],
  { source }: Connection,
  { note, signal }: CommandContext,
): Promise<void> {
  if (!isDiscoveryError(error) || error.code !== 'ServiceNotFound') return;
  const names = new Set<string>();
  for (const stage of stages) {
    const answer = await source.load({ stage, signal }).catch(() => undefined);
    if (answer) for (const name of parseSnapshot(answer, stage, () => 'listed').services.keys()) names.add(name);
  }
  const [nearest] = findNearNames(service, names);
  if (nearest !== undefined && nearest !== service) note(`Did you mean "${nearest}"?`);
}

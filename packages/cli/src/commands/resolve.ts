import { listEndpoint } from '@amplify-discovery/console';
import { createResolver, explainMiss, isDiscoveryError, versionRange } from '@amplify-discovery/core';
import { checkNames } from '../registry/check-names.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { choosePreferred, preferOption } from '../registry/choose-preferred.ts';
import { chooseTrust, trustedHostOption } from '../registry/choose-trust.ts';
import { getStages } from '../registry/connect-registry.ts';
import { noteStages } from '../registry/note-stages.ts';
import { openReading } from '../registry/open-reading.ts';
import { registryOptions, sourceOption } from '../registry/registry-options.ts';

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
    prefer: preferOption,
    'trusted-host': trustedHostOption,
    source: sourceOption,
    ...registryOptions,
  },
  examples: [
    ['curl "$(discovery resolve users --stage dev)/health"', 'call a service by its name'],
    [
      "discovery resolve users --stage dev --source cloud-map:internal --trusted-host '*.example.com'",
      'as an app does that reads AWS Cloud Map',
    ],
    ['discovery resolve users --stage pr-9 --stage dev --json', 'a preview over a shared stage, with all details'],
  ],
  async run({ arguments: [service = ''], options }, context) {
    checkNames('SERVICE', [service]);
    const { source, settings, registry } = await openReading(options, context, 'read');
    const stages = getStages(options.stage, settings);
    const criteria = {
      id: options.id,
      version: options.version === undefined ? undefined : versionRange(options.version),
      tenant: options.tenant,
      affinityKey: options.affinity,
    };
    const { now, signal } = context;
    const prefer = choosePreferred(options.prefer, settings);
    const trust = chooseTrust(options['trusted-host'], settings);
    const resolve = (services?: readonly string[]) =>
      createResolver({ source, stage: stages, services, ...trust, prefer, explainMiss, now }).resolve(
        service,
        criteria,
        {
          signal,
        },
      );
    const answer = resolve([service]).catch(async (error: unknown) => {
      if (!isDiscoveryError(error) || error.code !== 'ServiceNotFound') throw error;
      await noteStages(stages, registry, context);
      // Read whole, the stages show which names exist.
      return resolve();
    });
    const { endpoint, revision } = await context.wait(`Reading ${source.name}`, answer);
    if (options.json) context.printJson({ ...listEndpoint(endpoint), revision });
    else context.print(endpoint.target);
  },
});

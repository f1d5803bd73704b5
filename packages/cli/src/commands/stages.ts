import { listStages } from '@amplify-discovery/registry/operations';
import { defineCommand, type Command } from '../terminal/command.ts';
import { connectRegistry } from '../registry/connect-registry.ts';
import { registryOptions } from '../registry/registry-options.ts';

/** `discovery stages` */
export const stagesCommand: Command = defineCommand({
  name: 'stages',
  summary: 'Lists the stages that have at least one endpoint, one per line.',
  arguments: [],
  options: registryOptions,
  examples: [['discovery stages', 'every stage of the registry']],
  async run({ options }, context) {
    const { transport, settings, operation } = await connectRegistry(options, context, 'signed');
    const stages = await context.wait(`Reading ${settings.url}`, listStages(transport, operation));
    if (options.json) context.printJson({ stages });
    else if (stages.length === 0) context.note('No stage has an endpoint yet.');
    else for (const stage of stages) context.print(stage);
  },
});

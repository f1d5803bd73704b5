import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DiscoveryError, parseSnapshot } from '@amplify-discovery/core';
import { defineCommand, type Command } from '../terminal/command.ts';
import { connectRegistry, getStages } from '../registry/connect-registry.ts';
import { describeFileError } from '../terminal/describe-file-error.ts';
import { noteStages } from '../registry/note-stages.ts';
import { registryOptions } from '../registry/registry-options.ts';
import { replaceFile } from '../terminal/replace-file.ts';
import { renderDeclaration } from './render-declaration.ts';

/** `discovery typegen` */
export const typegenCommand: Command = defineCommand({
  name: 'typegen',
  summary: 'Writes the declaration that types service names, so that a wrong name no longer compiles.',
  details:
    'The file is written only when its text changes. For a stage without services it is left unchanged and the command fails\n' +
    '(exit code 3), because an empty declaration would accept every name again.',
  arguments: [],
  options: {
    stage: {
      kind: 'list',
      value: 'STAGE',
      help: 'The stages whose services are included. Default: DISCOVERY_STAGE or the outputs.',
    },
    out: { kind: 'text', value: 'FILE', help: 'Default: discovered-services.d.ts.' },
    check: { kind: 'flag', help: 'Write nothing; exit with 1 when the file is out of date. For CI.' },
    ...registryOptions,
  },
  examples: [
    ['discovery typegen --stage Production --out src/discovered-services.d.ts', 'write the declaration'],
    [
      'discovery typegen --stage Production --out src/discovered-services.d.ts --check',
      'fail in CI when it is out of date',
    ],
  ],
  async run({ options }, context) {
    const connection = await connectRegistry(options, context, 'read');
    const { source, settings } = connection;
    const stages = getStages(options.stage, settings);
    const services = new Set<string>();
    for (const stage of stages) {
      const answer = await context.wait(`Reading ${settings.url}`, source.load({ stage, signal: context.signal }));
      for (const service of parseSnapshot(answer, stage, () => 'listed').services.keys()) services.add(service);
    }
    if (services.size === 0) {
      await noteStages(stages, connection, context);
      throw new DiscoveryError(
        'ServiceNotFound',
        `There is no service in "${stages.join('", "')}"; the declaration was left unchanged`,
      );
    }
    const { out: file = 'discovered-services.d.ts', check } = options;
    const path = resolve(context.cwd, file);
    const text = renderDeclaration(services);
    const isCurrent = (await findText(path)) === text;
    if (!isCurrent && !check) await replaceFile('--out', path, text);
    const state = isCurrent ? 'current' : check ? 'outdated' : 'written';
    if (options.json) context.printJson({ file, state, services: [...services].sort() });
    else context.print(`${file}: ${describe[state]}, ${services.size} services`);
    return state === 'outdated' ? 1 : 0;
  },
});

const describe = {
  current: 'up to date',
  outdated: 'out of date, run discovery typegen',
  written: 'written',
} as const;

async function findText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw describeFileError('--out', error);
  }
}

import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defineCommand, type Command } from '../command.ts';
import { describeFileError } from '../describe-file-error.ts';
import { nextSteps } from '../describe-next-steps.ts';
import { detectProject, projectFiles } from '../detect-project.ts';

/** `discovery init` */
export const initCommand: Command = defineCommand({
  name: 'init',
  summary: 'Says the shortest way to a registered service for the project in this folder.',
  details:
    'Finds out whether it is an Amplify Gen 2 or Gen 1 project, a Serverless service or a CDK app. With --write it also\n' +
    'writes a starter file where there is one to write. A file that is there is never touched.',
  arguments: [],
  options: {
    write: { kind: 'flag', help: 'Write the starter file.' },
    json: { kind: 'flag', help: 'Print JSON for programs.' },
  },
  examples: [
    ['discovery init', 'see what to do'],
    ['discovery init --write', 'and begin'],
  ],
  async run({ options }, { cwd, print, printJson }) {
    const present = await Promise.all(
      projectFiles.map(async (file) => ((await isThere(join(cwd, file))) ? [file] : [])),
    );
    const kinds = detectProject(present.flat());
    const projects = [];
    for (const kind of kinds.length > 0 ? kinds : (['none'] as const)) {
      const { title, steps, starter } = nextSteps[kind];
      const state =
        starter && options.write ? await writeStarter(join(cwd, starter.file), starter.text) : 'not written';
      projects.push({ kind, title, steps, ...(starter && { starter: { file: starter.file, state } }) });
    }
    if (options.json) {
      printJson({ projects });
      return;
    }
    for (const { title, steps, starter } of projects) {
      print(title, ...steps.map((step, index) => `  ${index + 1}. ${step}`));
      if (starter)
        print(`  ${starter.file}: ${starter.state}${starter.state === 'not written' ? ', --write writes it' : ''}`);
    }
  },
});

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

async function writeStarter(path: string, text: string): Promise<'written' | 'was there, left as it is'> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
    return 'written';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'was there, left as it is';
    throw describeFileError('--write', error);
  }
}

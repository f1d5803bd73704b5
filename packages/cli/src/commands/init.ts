import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defineCommand, type Command } from '../terminal/command.ts';
import { projectGuides, withoutProject } from './project-guides.ts';

/** `discovery init` */
export const initCommand: Command = defineCommand({
  name: 'init',
  summary: 'Shows the shortest way to a registered service for the project in this folder.',
  details: 'Recognises Amplify Gen 2 and Gen 1 projects, Serverless services and CDK apps. Writes nothing.',
  arguments: [],
  options: { json: { kind: 'flag', help: 'Print JSON for programs.' } },
  examples: [['discovery init', 'see what to do']],
  async run({ options }, { cwd, print, printJson }) {
    const isProject = await Promise.all(projectGuides.map(({ files }) => hasAny(cwd, files)));
    const found = projectGuides.filter((_, index) => isProject[index]);
    const guides = found.length > 0 ? found : [withoutProject];
    if (options.json) printJson({ projects: guides.map(({ kind, title, steps }) => ({ kind, title, steps })) });
    else for (const { title, steps } of guides) print(title, ...steps.map((step, index) => `  ${index + 1}. ${step}`));
  },
});

async function hasAny(folder: string, files: readonly string[]): Promise<boolean> {
  const present = await Promise.all(files.map((file) => isThere(join(folder, file))));
  return present.includes(true);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

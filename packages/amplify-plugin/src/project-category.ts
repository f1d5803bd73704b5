import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import type { AmplifyContext } from './amplify-context.ts';
import { buildDependsOn, buildTemplate } from './build-template.ts';
import type { DiscoveryPlan } from './discovery-plan.ts';
import { readTemplate } from './read-template.ts';

/** The custom category in which a project keeps its registrations. */
export interface ProjectCategory {
  readonly name: string;
  readonly plan: DiscoveryPlan;
}

/**
 * The project's category, or undefined when it has none.
 *
 * @throws DiscoveryError `InvalidOptions` when its template was edited by hand.
 */
export function findProjectCategory(context: AmplifyContext): ProjectCategory | undefined {
  const folder = join(context.amplify.pathManager.getBackendDirPath(), 'custom');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  for (const name of names) {
    const file = templateFile(context, name);
    const plan = existsSync(file) ? readTemplate(readFileSync(file, 'utf8'), file) : undefined;
    if (plan !== undefined) return { name, plan };
  }
  return undefined;
}

/**
 * Writes the category's files and tells the CLI of it. Files that already say the same are not touched, so a push finds
 * no change where there is none. Returns whether anything was written.
 *
 * @throws DiscoveryError `InvalidOptions` when the project has another category of this name.
 */
export function writeProjectCategory(context: AmplifyContext, { name, plan }: ProjectCategory): boolean {
  const file = templateFile(context, name);
  const folder = join(file, '..');
  const known = context.amplify.getProjectMeta().custom?.[name];
  if (existsSync(folder) ? !isOwn(file) : known !== undefined) {
    throw new DiscoveryError(
      'InvalidOptions',
      `The project has another custom category "${name}": choose a name with --name`,
    );
  }
  const template = `${JSON.stringify(buildTemplate(plan), undefined, 2)}\n`;
  const isChanged = !existsSync(file) || readFileSync(file, 'utf8') !== template;
  mkdirSync(folder, { recursive: true });
  if (isChanged) writeFileSync(file, template);
  const parameters = join(folder, 'parameters.json');
  if (!existsSync(parameters)) writeFileSync(parameters, '{}\n');

  const dependsOn = buildDependsOn(plan);
  if (known === undefined) {
    const resource = { service: 'customCloudformation', providerPlugin: 'awscloudformation', dependsOn };
    context.amplify.updateamplifyMetaAfterResourceAdd('custom', name, resource);
  } else if (JSON.stringify(known.dependsOn) !== JSON.stringify(dependsOn)) {
    context.amplify.updateamplifyMetaAfterResourceUpdate('custom', name, 'dependsOn', dependsOn);
  }
  return isChanged || known === undefined;
}

function templateFile(context: AmplifyContext, name: string): string {
  return join(context.amplify.pathManager.getBackendDirPath(), 'custom', name, `${name}-cloudformation-template.json`);
}

function isOwn(file: string): boolean {
  return existsSync(file) && readTemplate(readFileSync(file, 'utf8'), file) !== undefined;
}

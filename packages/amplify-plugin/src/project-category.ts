import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import type { AmplifyContext } from './amplify-context.ts';
import { buildDependsOn, buildTemplate } from './build-template.ts';
import type { DiscoveryPlan } from './discovery-plan.ts';
import { findResource } from './find-resource.ts';
import { readTemplate, type OwnTemplate } from './read-template.ts';

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
    const own = findOwnTemplate(file);
    if (own !== undefined) return { name, plan: own.plan };
  }
  return undefined;
}

/**
 * The category that a push deploys; undefined as well where its template was edited by hand: `add` and `remove` report that, and
 * the push goes on.
 */
export function findCategoryToPush(context: AmplifyContext): ProjectCategory | undefined {
  try {
    return findProjectCategory(context);
  } catch {
    return undefined;
  }
}

/**
 * Writes the category's files and its entry in the CLI's books. Files that need no change are not touched, so that a push
 * finds none. Returns whether anything was written.
 *
 * @throws DiscoveryError `InvalidOptions` when the project has another category of this name.
 */
export function writeProjectCategory(context: AmplifyContext, { name, plan }: ProjectCategory): boolean {
  const file = templateFile(context, name);
  const folder = join(file, '..');
  const known = findResource(context.amplify.getProjectMeta(), 'custom', name);
  const own = findOwnTemplate(file);
  if (own === undefined && (existsSync(folder) || known !== undefined)) {
    throw new DiscoveryError(
      'InvalidOptions',
      `The project has another custom category "${name}": choose a name with --name`,
    );
  }
  const template = buildTemplate(plan);
  const isChanged = own?.digest !== template.Metadata.AmplifyDiscovery.digest;
  mkdirSync(folder, { recursive: true });
  if (isChanged) {
    const described = { ...(own?.description !== undefined && { Description: own.description }), ...template };
    writeFileSync(file, `${JSON.stringify(described, undefined, 2)}\n`);
  }
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

function findOwnTemplate(file: string): OwnTemplate | undefined {
  return existsSync(file) ? readTemplate(readFileSync(file, 'utf8'), file) : undefined;
}

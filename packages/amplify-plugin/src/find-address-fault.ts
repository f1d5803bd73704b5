import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planApiAddress, type ResourceDescription } from '@amplify-discovery/aws';
import type { AmplifyContext } from './amplify-context.ts';
import type { Registration } from './discovery-plan.ts';
import { findDefaultOutput } from './find-project-apis.ts';
import { findResource } from './find-resource.ts';

/**
 * Why callers could not use the address that a registration takes from its API, and what to write instead; undefined
 * where they can. An override may have switched the API's default address off: what counts is the template that the
 * Amplify CLI last built. Before the first build there is none, and nothing to find.
 */
export function findAddressFault(context: AmplifyContext, { service, api }: Registration): string | undefined {
  const { category, resourceName, attribute } = api;
  const output = findDefaultOutput(findResource(context.amplify.getProjectMeta(), category, resourceName));
  // Any other output is the project's own: what a fault asks for.
  if (category !== 'api' || output?.logicalIdOf === undefined || attribute !== output.attribute) return undefined;
  const folder = join(context.amplify.pathManager.getBackendDirPath(), category, resourceName);
  const resources = readResources(join(folder, 'build', `${resourceName}-cloudformation-template.json`));
  const id = output.logicalIdOf(resourceName);
  if (resources === undefined || !Object.hasOwn(resources, id)) return undefined;
  const write =
    `give its stack an output that holds the URL to register, in amplify/backend/api/${resourceName}/override.ts: ` +
    `resources.addCfnOutput({ value: 'https://…' }, 'CustomUrl'), and register that: ` +
    `amplify discovery add --api api/${resourceName}.CustomUrl=${service}`;
  const address = planApiAddress({ resources, api: id, write });
  if (address.from === 'default') return undefined;
  if (address.from === 'nowhere') return `api/${resourceName}: ${address.problem}`;
  const { target } = address;
  const found = typeof target === 'string' ? `${target} leads to it` : 'a custom domain leads to it';
  return `api/${resourceName}: its default address is switched off (DisableExecuteApiEndpoint), and ${found}; ${write}`;
}

function readResources(file: string): Readonly<Record<string, ResourceDescription>> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { Resources?: Record<string, ResourceDescription> }).Resources;
  } catch {
    // The push will say what is wrong with it.
    return undefined;
  }
}

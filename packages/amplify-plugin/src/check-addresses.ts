import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import type { AmplifyContext } from './amplify-context.ts';
import { findAddressFault } from './find-address-fault.ts';
import { findResource } from './find-resource.ts';
import { findCategoryToPush } from './project-category.ts';

/**
 * Refuses a push that would register an address at which the API doesn't answer. APIs with an override are built first,
 * by the CLI's own step, which the push takes right after: the last build can be older than the override.
 *
 * @throws DiscoveryError `InvalidOptions`, saying what to write instead.
 */
export async function checkAddresses(context: AmplifyContext): Promise<void> {
  const registrations = findCategoryToPush(context)?.plan.registrations ?? [];
  const backend = context.amplify.pathManager.getBackendDirPath();
  const names = new Set(registrations.flatMap(({ api }) => (api.category === 'api' ? [api.resourceName] : [])));
  const resourcesToBuild = [...names]
    .filter((resourceName) => existsSync(join(backend, 'api', resourceName, 'override.ts')))
    .map((resourceName) => ({
      category: 'api',
      resourceName,
      service: findResource(context.amplify.getProjectMeta(), 'api', resourceName)?.service,
    }));
  if (resourcesToBuild.length > 0) {
    const options = { resourcesToBuild, forceCompile: true };
    await context.amplify.executeProviderUtils(context, 'awscloudformation', 'buildOverrides', options);
  }
  const faults = registrations.flatMap((registration) => findAddressFault(context, registration) ?? []);
  if (faults.length > 0) throw new DiscoveryError('InvalidOptions', faults.join('. '));
}

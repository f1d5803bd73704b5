import type { AmplifyContext } from './amplify-context.ts';
import { findProjectApis } from './find-project-apis.ts';
import { findProjectCategory } from './project-category.ts';

/** `amplify discovery list`: the project's APIs and the names that they register under. */
export function runList(context: AmplifyContext): void {
  const registrations = findProjectCategory(context)?.plan.registrations ?? [];
  const rows = registrations.map(({ service, id, api }) => ({
    api: `${api.category}/${api.resourceName}`,
    service: id === 'default' ? service : `${service} (${id})`,
  }));
  const open = findProjectApis(context.amplify.getProjectMeta())
    .map(({ category, resourceName }) => `${category}/${resourceName}`)
    .filter((api) => !rows.some((row) => row.api === api))
    .map((api) => ({ api, service: '(not registered)' }));
  const all = [...rows, ...open];
  if (all.length === 0) {
    context.print.info('This project has no API. Add one with amplify add api, then amplify discovery add.');
    return;
  }
  const width = Math.max(...all.map(({ api }) => api.length));
  for (const { api, service } of all) context.print.info(`${api.padEnd(width)}  ${service}`);
}

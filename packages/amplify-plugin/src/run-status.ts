import type { AmplifyContext } from './amplify-context.ts';
import { buildDependsOn } from './build-template.ts';
import { stageOf } from './discovery-plan.ts';
import { findResource } from './find-resource.ts';
import { findProjectCategory } from './project-category.ts';

/** `amplify discovery status`: what the current environment registers, according to the project's own files. */
export function runStatus(context: AmplifyContext): void {
  const category = findProjectCategory(context);
  if (category === undefined) {
    context.print.info('This project registers nothing. Start with amplify discovery add.');
    return;
  }
  const { name, plan } = category;
  const { envName } = context.amplify.getEnvInfo();
  const meta = context.amplify.getProjectMeta();
  const output = findResource(meta, 'custom', name)?.output;
  const place = plan.registry.by === 'name' ? plan.registry.name : plan.registry.registrarArn;
  context.print.info(`Environment   ${envName}`);
  context.print.info(`Stage         ${stageOf(plan, envName)}`);
  context.print.info(`Registry      ${output?.RegistryUrl ?? '(known after the first push)'} (${place})`);
  if (plan.snapshot !== undefined) {
    const how = plan.snapshot.by === 'name' ? 'as the registry publishes it' : 'as given';
    context.print.info(`Snapshot      ${output?.SnapshotUrl ?? '(known after the next push)'} (${how})`);
  }
  context.print.info(
    `Category      custom/${name}, ${output === undefined ? 'not pushed yet' : 'pushed; amplify status says what has changed since'}`,
  );
  for (const { service, id, api } of plan.registrations) {
    const outputs = findResource(meta, api.category, api.resourceName)?.output;
    const target = outputs?.[api.attribute] ?? '(known after the first push)';
    context.print.info(`Service       ${id === 'default' ? service : `${service} (${id})`} → ${target}`);
  }
  const missing = buildDependsOn(plan).filter(
    ({ category, resourceName }) => findResource(meta, category, resourceName) === undefined,
  );
  for (const { category, resourceName } of missing) {
    context.print.warning(
      `${category}/${resourceName} is gone: amplify discovery remove its service, or the push will fail.`,
    );
  }
}

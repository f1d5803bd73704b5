import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AmplifyContext, AmplifyResource } from './amplify-context.ts';
import type { DiscoveryPlan } from './discovery-plan.ts';
import { findResource } from './find-resource.ts';
import { planExportsFile } from './plan-exports-file.ts';
import { findProjectCategory } from './project-category.ts';

const fileName = 'amplify_discovery.json';

/** After a push or pull: writes the file that `discover(outputs)` reads, beside aws-exports.js. */
export function writeExportsFile(context: AmplifyContext): void {
  const category = findProjectCategory(context);
  if (category === undefined) return;
  const file = findExportsFile(context);
  const outputs = findResource(context.amplify.getProjectMeta(), 'custom', category.name)?.output;
  const plan = planExportsFile(
    selectOutputs(outputs, category.plan),
    existsSync(file) ? readFileSync(file, 'utf8') : undefined,
  );
  if (plan.do === 'refuse') context.print.warning(`${file} was left as it is: ${plan.because}.`);
  if (plan.do !== 'write') return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, plan.text);
  context.print.info(`Wrote ${file}: the app reads where the registry is from it.`);
}

/** The CLI's books keep outputs that the stack has no more: those of snapshots count only while the plan asks for them. */
function selectOutputs(outputs: AmplifyResource['output'], { snapshot }: DiscoveryPlan): AmplifyResource['output'] {
  if (outputs === undefined || snapshot !== undefined) return outputs;
  const { SnapshotUrl: _url, SnapshotKeys: _keys, ...others } = outputs;
  return others;
}

/** A JavaScript project's source folder; other front ends get the file beside amplify/. */
function findExportsFile(context: AmplifyContext): string {
  const { projectPath } = context.amplify.getEnvInfo();
  const { javascript } = context.amplify.getProjectConfig() as { javascript?: { config?: { SourceDir?: string } } };
  return join(projectPath, javascript?.config?.SourceDir ?? '.', fileName);
}

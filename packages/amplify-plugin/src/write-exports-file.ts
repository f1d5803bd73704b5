import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AmplifyContext } from './amplify-context.ts';
import { planExportsFile } from './plan-exports-file.ts';
import { findProjectCategory } from './project-category.ts';

const fileName = 'amplify_discovery.json';

/** After a push or pull: writes the file that `discover(outputs)` reads, beside aws-exports.js. */
export function writeExportsFile(context: AmplifyContext): void {
  const category = findProjectCategory(context);
  if (category === undefined) return;
  const file = findExportsFile(context);
  const outputs = context.amplify.getProjectMeta().custom?.[category.name]?.output;
  const plan = planExportsFile(outputs, existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  if (plan.do === 'refuse') context.print.warning(`${file} was left as it is: ${plan.because}.`);
  if (plan.do !== 'write') return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, plan.text);
  context.print.info(`Wrote ${file}: the app reads where the registry is from it.`);
}

/** A JavaScript project's source folder; other front ends get the file beside amplify/. */
function findExportsFile(context: AmplifyContext): string {
  const { projectPath } = context.amplify.getEnvInfo();
  const { javascript } = context.amplify.getProjectConfig() as { javascript?: { config?: { SourceDir?: string } } };
  return join(projectPath, javascript?.config?.SourceDir ?? '.', fileName);
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRenewedOn } from '@amplify-discovery/registrar';
import type { AmplifyContext } from './amplify-context.ts';
import { renewalParameter } from './build-template.ts';
import { findCategoryToPush } from './project-category.ts';

/**
 * Before a push: puts its day into the category's parameters. The Amplify CLI deploys only what has changed in the category's
 * folder, so without that a push of anything else would let a preview expire that is in use.
 */
export function renewRegistrations(context: AmplifyContext, now: Date): void {
  const category = findCategoryToPush(context);
  if (!category?.plan.registrations.some(({ renew }) => renew !== false)) return;
  const file = join(context.amplify.pathManager.getBackendDirPath(), 'custom', category.name, 'parameters.json');
  const parameters = readParameters(file);
  const day = formatRenewedOn(now);
  if (parameters === undefined || parameters[renewalParameter] === day) return;
  writeFileSync(file, `${JSON.stringify({ ...parameters, [renewalParameter]: day }, undefined, 2)}\n`);
  context.print.info(
    `The push registers custom/${category.name} anew, once a day: its parameters.json has changed. ` +
      'See --renew in amplify discovery help.',
  );
}

/** Undefined for a file that isn't a JSON object: the push itself reports that. */
function readParameters(file: string): Readonly<Record<string, unknown>> | undefined {
  if (!existsSync(file)) return {};
  try {
    const parameters = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    const isObject = typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters);
    return isObject ? (parameters as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

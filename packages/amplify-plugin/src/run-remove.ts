import { DiscoveryError } from '@amplify-discovery/core';
import type { AmplifyContext } from './amplify-context.ts';
import { planRemove } from './plan-change.ts';
import { findProjectCategory, writeProjectCategory } from './project-category.ts';

/**
 * `amplify discovery remove [service…]`: takes services, or all of them, out of the category. The next push makes
 * CloudFormation delete their registrations: nothing is de-registered here.
 */
export async function runRemove(context: AmplifyContext, isInteractive: boolean): Promise<void> {
  const category = findProjectCategory(context);
  if (category === undefined) throw new DiscoveryError('InvalidOptions', 'This project registers nothing.');
  const { name, plan } = category;
  const services = context.input.subCommands ?? [];
  const remaining = planRemove(plan, services.length > 0 ? services : plan.registrations.map(({ service }) => service));

  if (String(context.parameters.options?.yes) !== 'true') {
    const what =
      services.length > 0 ? services.join(', ') : `all ${plan.registrations.length} registrations of this project`;
    if (!isInteractive)
      throw new DiscoveryError('InvalidOptions', `There is no terminal to ask on: give --yes to remove ${what}`);
    if (!(await context.prompt.confirm(`Stop registering ${what}?`, false))) return;
  }
  if (remaining !== undefined) writeProjectCategory(context, { name, plan: remaining });
  else await context.amplify.removeResource(context, 'custom', name, { headless: true });
  context.print.success('Removed. Run amplify push to de-register.');
}

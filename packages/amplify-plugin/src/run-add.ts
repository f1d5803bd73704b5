import { DiscoveryError, isName } from '@amplify-discovery/core';
import { describeReaders, isRegistryName } from '@amplify-discovery/registry';
import type { AmplifyContext } from './amplify-context.ts';
import { isPublic } from './build-template.ts';
import { stageOf, type DiscoveryPlan } from './discovery-plan.ts';
import { findAddressFault } from './find-address-fault.ts';
import { findProjectApis, type ProjectApi } from './find-project-apis.ts';
import { parseAddOptions, type AddRequest } from './parse-add-options.ts';
import { defaultRegistry, planAdd } from './plan-change.ts';
import { findProjectCategory, writeProjectCategory } from './project-category.ts';

/** `amplify discovery add`: asks what the flags leave open, and writes the category that the next push deploys. */
export async function runAdd(context: AmplifyContext, isInteractive: boolean): Promise<void> {
  const request = parseAddOptions(context.parameters.options ?? {});
  const meta = context.amplify.getProjectMeta();
  const category = findProjectCategory(context);
  if (category !== undefined && request.categoryName !== undefined && request.categoryName !== category.name) {
    throw new DiscoveryError(
      'InvalidOptions',
      `This project registers in its category "${category.name}": leave --name out`,
    );
  }
  const open = findProjectApis(meta).filter((api) => !isRegistered(category?.plan, api));
  const complete = await completeRequest(context, request, { open, plan: category?.plan, isInteractive });
  const plan = planAdd(category?.plan, complete, meta);
  const faults = plan.registrations.flatMap((registration) => findAddressFault(context, registration) ?? []);
  if (faults.length > 0) throw new DiscoveryError('InvalidOptions', faults.join('. '));
  const name = category?.name ?? request.categoryName ?? 'discovery';
  const isWritten = writeProjectCategory(context, { name, plan });

  if (!isWritten) {
    context.print.info(`amplify/backend/custom/${name} is up to date: nothing to do.`);
    return;
  }
  const { envName } = context.amplify.getEnvInfo();
  context.print.success(`Wrote amplify/backend/custom/${name}.`);
  for (const registration of plan.registrations) {
    const { service, api } = registration;
    context.print.info(`  ${api.category}/${api.resourceName} → ${service} in stage ${stageOf(plan, envName)}`);
    context.print.info(`    ${describeReaders(isPublic(registration))}`);
  }
  context.print.info('Run amplify push to register. amplify discovery remove, then amplify push, takes it back.');
}

interface Situation {
  readonly open: readonly ProjectApi[];
  readonly plan: DiscoveryPlan | undefined;
  readonly isInteractive: boolean;
}

/** The request with its open questions answered: by the flags, by `--yes` with the defaults, or by the user. */
async function completeRequest(
  context: AmplifyContext,
  request: AddRequest,
  situation: Situation,
): Promise<AddRequest> {
  const { open, plan, isInteractive } = situation;
  const changesOnlySettings =
    plan !== undefined &&
    (request.registry !== undefined ||
      request.snapshot !== undefined ||
      request.trustedHosts !== undefined ||
      request.strictHosts !== undefined ||
      request.live !== undefined ||
      Object.keys(request.stages).length > 0);
  if (Object.keys(request.apis).length > 0 || changesOnlySettings) return request;
  if (request.yes) {
    const apis = open
      .filter(({ category }) => category === 'api')
      .map(({ resourceName }) => [resourceName, resourceName]);
    return { ...request, apis: Object.fromEntries(apis) as Record<string, string> };
  }
  if (!isInteractive) {
    throw new DiscoveryError(
      'InvalidOptions',
      'There is no terminal to ask on: name the APIs with --api api=service, or take all with --yes',
    );
  }
  if (open.length === 0) {
    throw new DiscoveryError(
      'InvalidOptions',
      'All APIs of this project are registered: add another with amplify add api',
    );
  }
  const { chosen } = await context.prompt.ask({
    type: 'checkbox',
    name: 'chosen',
    message: 'Which APIs register themselves?',
    choices: open.map((api) => nameOf(api)),
    validate: (values: readonly string[]) => values.length > 0 || 'Choose at least one (space selects)',
  });
  const apis: Record<string, string> = {};
  for (const api of chosen as readonly string[]) {
    apis[api] = await askText(context, `Service name of ${api}:`, api.slice(api.indexOf('/') + 1), isName);
  }
  if (request.registry !== undefined || plan !== undefined) return { ...request, apis };
  const name = await askText(context, 'Name of the registry:', 'default', isRegistryName);
  return { ...request, apis, registry: { by: 'name', name, auth: defaultRegistry.auth } };
}

async function askText(
  context: AmplifyContext,
  message: string,
  initial: string,
  isValid: (value: unknown) => boolean,
): Promise<string> {
  const validate = (value: unknown) => isValid(value) || 'Use only A-Z a-z 0-9 . _ -';
  const { answer } = await context.prompt.ask({ type: 'input', name: 'answer', message, default: initial, validate });
  return String(answer);
}

function isRegistered(plan: DiscoveryPlan | undefined, api: ProjectApi): boolean {
  return (plan?.registrations ?? []).some((registration) => nameOf(registration.api) === nameOf(api));
}

function nameOf({ category, resourceName }: { readonly category: string; readonly resourceName: string }): string {
  return `${category}/${resourceName}`;
}

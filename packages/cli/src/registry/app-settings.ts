import type { CommandContext } from '../terminal/command-context.ts';
import { checkNames } from './check-names.ts';
import { chooseRegistry, chooseStages, type ExplicitSettings, type RegistrySettings } from './choose-registry.ts';
import { getStages } from './connect-registry.ts';
import { readSettingsFiles } from './read-settings-files.ts';

/** Stage and trust of the app that a command stands in for. */
export type AppSettings = Pick<
  RegistrySettings,
  'origin' | 'stages' | 'trustedHosts' | 'region' | 'regions' | 'prefer'
>;

/**
 * What options, environment and files say about the app, for commands that need no registry.
 *
 * @throws DiscoveryError `InvalidOptions`
 */
export async function readAppSettings(options: ExplicitSettings, { env, cwd }: CommandContext): Promise<AppSettings> {
  const files = await readSettingsFiles(cwd);
  const { registry, local, region } = options;
  if (files.length > 0 || registry !== undefined || local || env['DISCOVERY_REGISTRY_URL'])
    return chooseRegistry(options, env, files);
  return { origin: 'no file here', stages: chooseStages(env, undefined), region };
}

/** The explicit stages, or those of the app. @throws DiscoveryError `InvalidOptions` */
export async function readStageNames(
  options: ExplicitSettings & { readonly stage: readonly string[] },
  context: CommandContext,
): Promise<readonly string[]> {
  if (options.stage.length > 0) return checkNames('--stage', options.stage);
  return getStages([], await readAppSettings(options, context));
}

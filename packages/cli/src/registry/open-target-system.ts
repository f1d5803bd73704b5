import { createRegistryTarget, openTarget, type Target } from '@amplify-discovery/bridges';
import type { CommandContext } from '../terminal/command-context.ts';
import type { ExplicitSettings } from './choose-registry.ts';
import { connectRegistry } from './connect-registry.ts';
import { createSystemContext } from './system-context.ts';

/**
 * The system that a reference names for writing: `registry` is the one that commands use.
 *
 * @throws DiscoveryError `InvalidOptions`, `CredentialsMissing`.
 */
export async function openTargetSystem(
  reference: string,
  options: ExplicitSettings & { readonly timeout?: number | undefined },
  context: CommandContext,
): Promise<Target> {
  if (reference !== 'registry') return openTarget(reference, createSystemContext(options, context));
  const { transport, settings } = await connectRegistry(options, context, 'signed');
  return createRegistryTarget({ transport, name: settings.url });
}

import type { SystemContext } from '@amplify-discovery/bridges';
import type { CommandContext } from '../terminal/command-context.ts';

/** What other systems need of this program. */
export function createSystemContext(
  { region }: { readonly region?: string | undefined },
  { fetch, env, findCredentials }: CommandContext,
): SystemContext {
  return { fetch, env, region: region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'], findCredentials };
}

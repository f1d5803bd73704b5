import { parseDiscoveryConfig } from '@amplify-discovery/core';

/**
 * An outputs file in which `custom.discovery` is what `discovery dev` writes; everything else stays.
 *
 * @param where The file of those settings, for messages.
 * @throws DiscoveryError `InvalidOptions` for malformed settings, SyntaxError where one of the texts is not JSON.
 */
export function layLocalRegistry(outputs: string, settings: string, where: string): string {
  const content = JSON.parse(outputs) as { readonly custom?: object };
  const discovery = parseDiscoveryConfig(JSON.parse(settings), where);
  return JSON.stringify({ ...content, custom: { ...content.custom, discovery } });
}

import { DiscoveryError, isLocalHost } from '@amplify-discovery/core';

/**
 * Keeps an outputs file out of a production build where it names a registry, or snapshots, on this machine.
 *
 * @param name The file, for messages.
 * @throws DiscoveryError `InvalidOptions`, SyntaxError where the text is not JSON.
 */
export function refuseLocalRegistry(outputs: string, name: string): void {
  const { discovery } = (JSON.parse(outputs) as Outputs).custom ?? {};
  for (const origins of [discovery, ...(discovery?.fallbacks ?? [])]) {
    for (const [kind, { url = '' } = {}] of Object.entries({
      registry: origins?.registry,
      snapshots: origins?.snapshot,
    })) {
      if (!URL.canParse(url) || !isLocalHost(new URL(url).hostname)) continue;
      throw new DiscoveryError(
        'InvalidOptions',
        `${name} names the ${kind} ${url}, which is on this machine: build with the deployed app's outputs.`,
      );
    }
  }
}

interface Origins {
  readonly registry?: { readonly url?: string };
  readonly snapshot?: { readonly url?: string };
}

interface Outputs {
  readonly custom?: { readonly discovery?: Origins & { readonly fallbacks?: readonly Origins[] } };
}

import { DiscoveryError, isLocalHost } from '@amplify-discovery/core';

/**
 * Keeps an outputs file out of a production build where it names a registry on this machine.
 *
 * @param name The file, for messages.
 * @throws DiscoveryError `InvalidOptions`, SyntaxError where the text is not JSON.
 */
export function refuseLocalRegistry(outputs: string, name: string): void {
  const { url = '' } = (JSON.parse(outputs) as Outputs).custom?.discovery?.registry ?? {};
  if (!URL.canParse(url) || !isLocalHost(new URL(url).hostname)) return;
  throw new DiscoveryError(
    'InvalidOptions',
    `${name} names the registry ${url}, which is on this machine: build with the deployed app's outputs.`,
  );
}

interface Outputs {
  readonly custom?: { readonly discovery?: { readonly registry?: { readonly url?: string } } };
}

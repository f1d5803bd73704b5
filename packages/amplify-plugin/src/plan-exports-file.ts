import { isDeepStrictEqual } from 'node:util';

/** What to do with the exports file after a push. */
export type ExportsFilePlan =
  | { readonly do: 'write'; readonly text: string }
  | { readonly do: 'nothing' }
  | { readonly do: 'refuse'; readonly because: string };

/**
 * Whether and how to write the file that `discover(outputs)` reads, from the outputs of the pushed stack. Only
 * `custom.discovery` in it is ours: all else that the file holds is kept.
 */
export function planExportsFile(
  outputs: Readonly<Record<string, string>> | undefined,
  text: string | undefined,
): ExportsFilePlan {
  const discovery = readDiscovery(outputs ?? {});
  if (discovery === undefined) return { do: 'nothing' };
  const file = text === undefined ? {} : parseObject(text);
  const custom = file?.custom ?? {};
  if (file === undefined || typeof custom !== 'object' || custom === null || Array.isArray(custom)) {
    return { do: 'refuse', because: 'it holds something that was not written here' };
  }
  if (isDeepStrictEqual((custom as Record<string, unknown>).discovery, discovery)) return { do: 'nothing' };
  return { do: 'write', text: `${JSON.stringify({ ...file, custom: { ...custom, discovery } }, undefined, 2)}\n` };
}

function readDiscovery(outputs: Readonly<Record<string, string>>): object | undefined {
  const { Stage, RegistryUrl, RegistryRegion, RegistryAuthMode, RegistryApiKey, TrustedHosts } = outputs;
  if (!Stage || !RegistryUrl || !RegistryRegion || !RegistryAuthMode) return undefined;
  const auth = RegistryAuthMode === 'apiKey' ? { mode: 'apiKey', apiKey: RegistryApiKey } : { mode: RegistryAuthMode };
  return {
    registry: { url: RegistryUrl, region: RegistryRegion, auth },
    stage: Stage,
    ...(TrustedHosts ? { trustedHosts: TrustedHosts.split(',') } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

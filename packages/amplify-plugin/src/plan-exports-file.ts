import { isDeepStrictEqual } from 'node:util';
import { isDiscoveryError, parseDiscoveryConfig, parseTrustedKeys } from '@amplify-discovery/core';

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
  const discovery = tryToReadDiscovery(outputs ?? {});
  if (discovery === undefined) return { do: 'nothing' };
  if (typeof discovery === 'string') return { do: 'refuse', because: discovery };
  const file = text === undefined ? {} : parseObject(text);
  const custom = file?.custom ?? {};
  if (file === undefined || typeof custom !== 'object' || custom === null || Array.isArray(custom)) {
    return { do: 'refuse', because: 'it holds something that was not written here' };
  }
  if (isDeepStrictEqual((custom as Record<string, unknown>).discovery, discovery)) return { do: 'nothing' };
  return { do: 'write', text: `${JSON.stringify({ ...file, custom: { ...custom, discovery } }, undefined, 2)}\n` };
}

/**
 * What is for the app, judged by the app's own reader, or why that would refuse it: keys that can't be read must not become
 * "signatures are not looked at".
 */
function tryToReadDiscovery(outputs: Readonly<Record<string, string>>): object | string | undefined {
  try {
    const discovery = readDiscovery(outputs);
    if (discovery !== undefined) parseDiscoveryConfig(discovery, 'custom.discovery');
    return discovery;
  } catch (error) {
    if (isDiscoveryError(error)) return error.message;
    throw error;
  }
}

function readDiscovery(outputs: Readonly<Record<string, string>>): object | undefined {
  const { Stage, RegistryUrl, RegistryRegion, RegistryAuthMode, RegistryApiKey, TrustedHosts, Live } = outputs;
  if (!Stage || !RegistryUrl || !RegistryRegion || !RegistryAuthMode) return undefined;
  const auth = RegistryAuthMode === 'apiKey' ? { mode: 'apiKey', apiKey: RegistryApiKey } : { mode: RegistryAuthMode };
  return {
    registry: { url: RegistryUrl, region: RegistryRegion, auth },
    ...readSnapshot(outputs),
    stage: Stage,
    ...(TrustedHosts ? { trustedHosts: TrustedHosts.split(',') } : {}),
    ...(Live === 'true' && { live: true }),
  };
}

function readSnapshot({ SnapshotUrl, SnapshotKeys = '' }: Readonly<Record<string, string>>): object {
  if (!SnapshotUrl) return {};
  // A publisher without a key publishes an empty list.
  if (SnapshotKeys === '[]') return { snapshot: { url: SnapshotUrl } };
  return { snapshot: { url: SnapshotUrl, trustedKeys: parseTrustedKeys(SnapshotKeys, 'The output SnapshotKeys') } };
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

import { DiscoveryError, showValue } from '@amplify-discovery/core';
import type { ResourcesConfig } from 'aws-amplify';
import type { AmplifyParts } from './amplify-parts.ts';
import { assembleDiscovery } from './assemble-discovery.ts';
import { copyPlain } from './copy-plain.ts';
import type { Discovery, DiscoveryOptions } from './discovery.ts';
import { forgetDefaultDiscovery, setDefaultDiscovery } from './default-discovery.ts';
import { readDiscoveryConfig } from './discovery-config.ts';
import { findOrigin, markEntry, toRestEntry, type RestEntry } from './rest-entry.ts';

/** How discoveries are assembled. Tests have another way. */
let assemble = assembleDiscovery;

/**
 * Forgets the app's discovery. With a replacement, what that makes is the default one from now on, and each time `discover` is called;
 * without one, a call before `discover` fails at once with what `explainMissing` says.
 */
export function replaceAssembly(
  amplify: AmplifyParts,
  explainMissing: () => Error,
  replacement: typeof assembleDiscovery | undefined,
): void {
  forgetDefaultDiscovery(explainMissing);
  assemble = replacement ?? assembleDiscovery;
  if (replacement) setDefaultDiscovery(Promise.resolve(assemble(amplify, {})));
}

/**
 * Makes the discovery that an app's outputs describe the default one, and gives Amplify's configuration with what it has
 * found.
 *
 * @throws DiscoveryError as `discover`
 */
export async function startDiscovery(
  amplify: AmplifyParts,
  outputs: unknown,
  options: Partial<DiscoveryOptions>,
): Promise<ResourcesConfig> {
  const prepared = prepareDiscovery(amplify, outputs, options);
  setDefaultDiscovery(prepared.then(([discovery]) => discovery));
  return (await prepared)[1];
}

async function prepareDiscovery(
  amplify: AmplifyParts,
  outputs: unknown,
  options: Partial<DiscoveryOptions>,
): Promise<[Discovery, ResourcesConfig]> {
  const config = readConfig(amplify, outputs);
  const settings = { config, ...options, ...readDiscoveryConfig(outputs, options) };
  const discovery = assemble(amplify, settings);
  try {
    return [discovery, await fillConfig(config, discovery)];
  } catch (error) {
    discovery.close();
    throw error;
  }
}

/** The configuration with what discovery has found. */
async function fillConfig(config: ResourcesConfig, discovery: Discovery): Promise<ResourcesConfig> {
  const { resolver, getServiceOptions, options: settings } = discovery;
  const listed = Object.entries((config.API?.REST ?? {}) as Record<string, RestEntry>);
  const own = new Map(listed.filter(([, entry]) => findOrigin(entry) === 'own'));
  const generated = new Map(listed.filter(([, entry]) => findOrigin(entry) === 'generated'));
  const wanted = settings.services?.filter((service) => !own.has(service));
  // Without a list the whole stage is wanted; with one, what a generated file knows will do where discovery fails.
  const isCovered = wanted?.every((service) => generated.has(service));
  if (!isCovered) await resolver.prefetch();
  else if (wanted?.length) await resolver.prefetch().catch(() => {});

  const names = wanted ?? resolver.inspect().flatMap(({ endpoints = [] }) => endpoints.map(({ service }) => service));
  const found = await Promise.all(
    [...new Set(names)].map(async (name) => {
      const criteria = await getServiceOptions(name);
      // Only a name that was asked for, and is listed nowhere else, is worth another request, and an error.
      const isMissed = wanted && !generated.has(name);
      const endpoint = resolver.find(name, criteria) ?? (isMissed && (await resolver.resolve(name, criteria)).endpoint);
      return [name, endpoint && toRestEntry(endpoint, settings.registry?.region)] as const;
    }),
  );
  const REST = Object.fromEntries([...generated, ...found.filter(([, entry]) => entry), ...own]);
  return { ...config, API: { ...config.API, REST } } as ResourcesConfig;
}

/**
 * Amplify's configuration from what the app passes. Entries that stand under `API.REST` there are the app's own, also beside
 * what a tool has generated: generated files have none. Those that Amplify reads from a generated file are marked, so that
 * they don't pass for the app's own.
 */
function readConfig({ parseConfig }: AmplifyParts, outputs: unknown): ResourcesConfig {
  if (typeof outputs !== 'object' || !outputs) {
    const message = `outputs: ${showValue(outputs)} is not the content of amplify_outputs.json, of amplifyconfiguration.json, or a ResourcesConfig`;
    throw new DiscoveryError('InvalidOptions', message);
  }
  const copy = copyPlain(outputs as ResourcesConfig & { readonly aws_cloud_logic_custom?: unknown });
  const config = parseConfig(copy);
  const own = copy.API?.REST ?? {};
  const read = copy.aws_cloud_logic_custom ? Object.entries(config.API?.REST ?? {}) : [];
  const generated = read.map(([name, entry]) => [name, markEntry('generated', entry)] as const);
  const REST = Object.fromEntries([...generated, ...Object.entries(own)]);
  return { ...config, API: { ...config.API, REST } };
}

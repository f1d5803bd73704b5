import type { ResourcesConfig } from 'aws-amplify';
import { parseAmplifyConfig } from 'aws-amplify/utils';
import { createDiscovery, type Discovery, type DiscoveryOptions } from './create-discovery.ts';
import { setDefaultDiscovery } from './default-discovery.ts';
import { readDiscoveryConfig } from './discovery-config.ts';
import { toRestEntry } from './rest-entry.ts';

/**
 * Amplify's configuration with the discovered endpoints filled in under `API.REST`, for
 * `Amplify.configure(await discover(outputs))`. What the app lists itself under `API.REST` wins over what is discovered.
 * The outputs are not changed.
 *
 * Takes `amplify_outputs.json`, the Gen 1 `amplifyconfiguration.json`, or a ResourcesConfig; where the registry is, which
 * stage this is and which hosts are trusted come from its `custom.discovery` unless the options say otherwise.
 *
 * @throws DiscoveryError when the registry gives no answer, no cached one is within its bound, and what was asked for is
 * not listed by the app itself; `ServiceNotFound` or `UntrustedEndpoint` for one of `services`; `InvalidOptions`.
 *
 * @example
 * ```ts
 * Amplify.configure(await discover(outputs));
 * ```
 */
export async function discover(outputs: unknown, options: Partial<DiscoveryOptions> = {}): Promise<ResourcesConfig> {
  const prepared = prepare(outputs, options);
  setDefaultDiscovery(prepared.then(([discovery]) => discovery));
  return (await prepared)[1];
}

async function prepare(outputs: unknown, options: Partial<DiscoveryOptions>): Promise<[Discovery, ResourcesConfig]> {
  // A copy: Amplify freezes what it is configured with, and these objects are the app's.
  const config = parseAmplifyConfig(structuredClone(outputs) as ResourcesConfig);
  const settings = { config, ...options, ...readDiscoveryConfig(outputs, options) };
  const discovery = createDiscovery(settings);
  const { resolver, getServiceOptions } = discovery;
  const own = config.API?.REST ?? {};
  const wanted = settings.services?.filter((service) => !Object.hasOwn(own, service));
  if (!wanted || wanted.length) await resolver.prefetch();

  const names = wanted ?? resolver.inspect().flatMap(({ endpoints = [] }) => endpoints.map(({ service }) => service));
  const entries = await Promise.all(
    [...new Set(names)].map(async (name) => {
      const criteria = await getServiceOptions(name);
      // Only a name that was asked for is worth another look at the registry, and an error.
      const endpoint = resolver.find(name, criteria) ?? (wanted && (await resolver.resolve(name, criteria)).endpoint);
      return [name, endpoint && toRestEntry(endpoint, settings.registry?.region)] as const;
    }),
  );
  const REST = { ...Object.fromEntries(entries.filter(([, entry]) => entry)), ...own };
  return [discovery, { ...config, API: { ...config.API, REST } } as ResourcesConfig];
}

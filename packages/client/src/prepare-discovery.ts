import type { ResourcesConfig } from 'aws-amplify';
import { parseAmplifyConfig } from 'aws-amplify/utils';
import { createDiscovery, type Discovery, type DiscoveryOptions } from './create-discovery.ts';
import { readDiscoveryConfig } from './discovery-config.ts';
import { toRestEntry } from './rest-entry.ts';

/** The discovery that an app's outputs describe, and Amplify's configuration with what it has found. @throws DiscoveryError as `discover` */
export async function prepareDiscovery(
  outputs: unknown,
  options: Partial<DiscoveryOptions>,
): Promise<[Discovery, ResourcesConfig]> {
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

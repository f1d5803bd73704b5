import { DiscoveryError, findAwsApi } from '@amplify-discovery/core';
import type { GraphqlTransport } from '@amplify-discovery/registry';
import { findService, type RegisteredEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { readCredentials } from './read-credentials.ts';
import type { AwsProvider } from './serverless.ts';

/** How the registry is read. */
export interface ListOptions {
  readonly services: readonly string[];
  readonly url: string | undefined;
  readonly provider: AwsProvider;
}

/**
 * What is registered under the services' names, in all stages.
 *
 * @throws DiscoveryError `InvalidOptions` without a URL, `CredentialsMissing`, `RegistryDenied`, `RegistryUnavailable`.
 */
export async function listRegistered({ services, url, provider }: ListOptions): Promise<readonly RegisteredEndpoint[]> {
  const transport = await createTransport(url, provider);
  const found = [];
  for (const service of new Set(services)) found.push(...(await findService(transport, service)));
  return found;
}

/** A table for people. The registry's text is untrusted: control characters and the like are escaped. */
export function formatRegistered(endpoints: readonly RegisteredEndpoint[]): string {
  if (endpoints.length === 0) return 'Nothing is registered.';
  const rows = endpoints.map(({ stage, service, id, kind, target }) =>
    [stage, service, id, kind, target].map(showText),
  );
  const all = [
    ['STAGE', 'SERVICE', 'ID', 'KIND', 'TARGET'],
    ...rows.sort((left, right) => (left.join() < right.join() ? -1 : 1)),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

async function createTransport(url: string | undefined, provider: AwsProvider): Promise<GraphqlTransport> {
  if (!url) {
    throw new DiscoveryError(
      'InvalidOptions',
      'custom.discovery.registryUrl is missing: `serverless discovery` reads the registry there. Write the URL, or ${ssm:/amplify-discovery/NAME/url}',
    );
  }
  const { hostname = '' } = URL.canParse(url) ? new URL(url) : {};
  const region = findAwsApi(hostname)?.region ?? provider.getRegion();
  return sigv4Transport({ url, region, credentials: await readCredentials(provider) });
}

function showText(text: string): string {
  return text.replaceAll(
    /[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

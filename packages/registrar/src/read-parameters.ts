import { signingFetch, type AwsCredentials } from '@amplify-discovery/aws';
import { DiscoveryError } from '@amplify-discovery/core';

/** The values of the SSM parameters with these names, at most ten, by their names. Those that are not there are left out. */
export type ReadParameters = (
  names: readonly string[],
  signal: AbortSignal,
) => Promise<Readonly<Record<string, string>>>;

export interface ReadParametersOptions {
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly fetch: typeof globalThis.fetch;
  /** @default AWS's */
  readonly endpoint?: string | undefined;
}

/**
 * Reads SSM parameters of the function's own account and region, with `ssm:GetParameters`.
 *
 * @throws DiscoveryError `RegistryDenied`, `RegistryUnavailable`, from the returned function.
 */
export function createParameterReader(options: ReadParametersOptions): ReadParameters {
  const { region, credentials, endpoint = makeEndpoint(region) } = options;
  const send = signingFetch({ service: 'ssm', region, credentials, fetch: options.fetch });
  return async (names, signal) => {
    const answer = await send(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameters' },
      body: JSON.stringify({ Names: names }),
      signal,
    });
    if (!answer.ok) {
      const code = answer.status === 400 || answer.status === 403 ? 'RegistryDenied' : 'RegistryUnavailable';
      const message = `The registry's parameters: SSM answered HTTP ${answer.status}. The registrar needs ssm:GetParameters`;
      throw new DiscoveryError(code, message, { cause: await answer.text() });
    }
    const { Parameters = [] } = (await answer.json()) as { Parameters?: { Name: string; Value: string }[] };
    return Object.fromEntries(Parameters.map(({ Name, Value }) => [Name, Value]));
  };
}

function makeEndpoint(region: string): string {
  return `https://ssm.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
}

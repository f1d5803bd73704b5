import type { AmplifyParts } from './amplify-parts.ts';
import type { FinishedCall, RestOptions } from './service-call.ts';
import type { RestEntry } from './rest-entry.ts';

/**
 * The options of a call with a SigV4 signature at another time than this machine's clock has, in milliseconds since the
 * epoch: Amplify's verbs sign at no other. As they are when there is nothing to sign with, or a body that can't be signed.
 */
export async function signByClock(
  { signRequest }: Pick<AmplifyParts, 'signRequest'>,
  { context, path, options = {} }: FinishedCall,
  apiName: string,
  method: string,
  time: number,
): Promise<RestOptions> {
  const { body } = options;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = value;
  if (headers.authorization || options.defaultAuthMode === 'none' || body instanceof FormData) return options;
  const { credentials } = await context.fetchAuthSession().catch(() => ({ credentials: undefined }));
  if (!credentials) return options;
  const entry = context.resourcesConfig.API?.REST?.[apiName] as RestEntry;
  const { endpoint, region = 'us-east-1', service = 'execute-api' } = entry;
  if (body) headers['content-type'] ??= 'application/json; charset=UTF-8';
  const signed = signRequest(
    { method, url: new URL(endpoint + path), headers, ...(body && { body: JSON.stringify(body) }) },
    { credentials, signingDate: new Date(time), signingRegion: region, signingService: service },
  );
  const { host: _, ...rest } = signed.headers;
  return { ...options, headers: rest };
}

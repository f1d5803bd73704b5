import { buildServiceUrl, DiscoveryError, type SigningClock } from '@amplify-discovery/core';
import { authorizeRequest, type AwsCredentials, type ServiceAuth } from '@amplify-discovery/aws';
import type { RoutePlan } from '../route/plan-request.ts';
import type { ForwardHeaders } from './build-forward-headers.ts';
import type { PreparedEndpoint } from './prepare-endpoint.ts';

/** How the router authenticates to services. */
export interface RouterCredentials {
  /** Sign requests, for `iam`. */
  readonly credentials: (() => Promise<AwsCredentials>) | undefined;
  /** The region to sign for when neither `auth` nor the endpoint names one. */
  readonly region: string | undefined;
  /** Gives the time to sign at. */
  readonly clock: SigningClock;
}

export interface AuthorizedForward extends ForwardHeaders {
  /** Path and query, in the form that was signed. */
  readonly path: string;
}

/**
 * A request in the router's own name: what the caller sent for the same purpose is removed, what the auth mode asks for is
 * added. Callers' other headers stay unsigned, because proxies on the way may change some of them.
 *
 * @throws DiscoveryError as `authorizeRequest` of `@amplify-discovery/aws`.
 */
export async function authorizeForward(
  auth: Exclude<ServiceAuth, { readonly mode: 'none' }>,
  { endpoint, trust }: PreparedEndpoint,
  request: { readonly method: string; readonly body: Uint8Array | undefined },
  { service, path }: RoutePlan,
  headers: ForwardHeaders,
  { credentials = refuseCredentials, region, clock }: RouterCredentials,
): Promise<AuthorizedForward> {
  const url = buildServiceUrl(endpoint.target, path, service);
  const body = auth.mode === 'iam' && request.body?.length ? new Uint8Array(request.body) : undefined;
  const added = await authorizeRequest({
    auth,
    endpoint,
    trust,
    url,
    method: request.method,
    headers: new Headers(),
    body,
    credentials,
    defaultRegion: region,
    clock,
  });
  added.delete('host');
  const callers = new Map(headers.callers);
  callers.delete(auth.mode === 'apiKey' ? 'x-api-key' : 'authorization');
  return { path: url.pathname + url.search, callers, own: [...headers.own, ...[...added].flat()] };
}

function refuseCredentials(): Promise<never> {
  return Promise.reject(new DiscoveryError('CredentialsMissing', 'credentials: the router has none'));
}

import { DiscoveryError, findReplayableHeader, type Endpoint, type Trust } from '@amplify-discovery/core';
import { AwsV4Signer } from 'aws4fetch';
import type { AwsCredentials } from './aws-credentials.ts';

/** How calls to a service authenticate. The app decides this, never the registry. */
export type ServiceAuth =
  | { readonly mode: 'none' }
  | {
      readonly mode: 'iam';
      /** @default the endpoint's, else the function's */
      readonly region?: string | undefined;
      /** @default the endpoint's, else `lambda` for function URLs and `execute-api` for all others */
      readonly signingService?: string | undefined;
    }
  | { readonly mode: 'bearer'; readonly token: () => string | Promise<string> }
  | { readonly mode: 'apiKey'; readonly key: string | (() => string | Promise<string>) };

export interface AuthorizeOptions {
  readonly auth: ServiceAuth;
  readonly endpoint: Endpoint;
  readonly trust: Trust;
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** Signed with IAM, so it has to be here as a whole. */
  readonly body: string | Uint8Array | undefined;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly defaultRegion: string | undefined;
}

/**
 * The headers with what the service's auth mode adds.
 *
 * @throws DiscoveryError `CredentialsMissing` where there is nothing to authenticate with: a request never goes out
 * unsigned instead. `UntrustedEndpoint` when a token, a key or a header that isn't known to be harmless would go to a host that isn't listed.
 */
export async function authorizeRequest(options: AuthorizeOptions): Promise<Headers> {
  const { auth, endpoint, trust, url, method, headers, body, credentials, defaultRegion } = options;
  const { service, stage } = endpoint;
  const authorized = new Headers(headers);
  const missing = (what: string, cause?: unknown) =>
    new DiscoveryError('CredentialsMissing', `"${service}" is called with ${auth.mode}, but ${what}`, {
      service,
      stage,
      cause,
    });
  const ofAuth = { none: undefined, iam: undefined, bearer: 'a token', apiKey: 'an API key' }[auth.mode];
  const replayable = ofAuth ?? findReplayableHeader(authorized.keys());
  if (replayable && trust !== 'listed') {
    const what = `"${service}" is at ${url.host}, which is not listed, and the request carries ${replayable}`;
    throw new DiscoveryError('UntrustedEndpoint', what, { service, stage });
  }
  switch (auth.mode) {
    case 'none':
      return authorized;
    case 'bearer': {
      const token = await auth.token();
      if (!token) throw missing('there is no token');
      authorized.set('authorization', `Bearer ${token}`);
      return authorized;
    }
    case 'apiKey': {
      const key = typeof auth.key === 'string' ? auth.key : await auth.key();
      if (!key) throw missing('there is no key');
      authorized.set('x-api-key', key);
      return authorized;
    }
    case 'iam': {
      const found = await credentials().catch((cause: unknown) => {
        throw missing('there are no credentials', cause);
      });
      const region = auth.region ?? endpoint.region ?? defaultRegion;
      if (!found?.accessKeyId || !found.secretAccessKey) throw missing('there are no credentials');
      if (!region) throw missing('there is no region to sign for');
      const { accessKeyId, secretAccessKey, sessionToken } = found;
      const signed = await new AwsV4Signer({
        method,
        url: url.href,
        headers: authorized,
        ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
        region,
        service: auth.signingService ?? endpoint.signingService ?? guessService(url),
      }).sign();
      return signed.headers;
    }
  }
}

function guessService({ hostname }: URL): string {
  return hostname.endsWith('.on.aws') ? 'lambda' : 'execute-api';
}

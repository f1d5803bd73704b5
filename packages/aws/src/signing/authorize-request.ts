import {
  DiscoveryError,
  findReplayableHeader,
  type Endpoint,
  type SigningClock,
  type Trust,
} from '@amplify-discovery/core';
import type { AwsCredentials } from './aws-credentials.ts';
import { describeTarget } from '../apis/describe-target.ts';
import { signRequest } from './sign-request.ts';

/** How calls to a service authenticate. The app decides this, never the registry. */
export type ServiceAuth =
  | { readonly mode: 'none' }
  | {
      readonly mode: 'iam';
      /** @default the endpoint's, else what follows from its target, else the function's */
      readonly region?: string | undefined;
      /** @default the endpoint's, else what follows from its target */
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
  /** What requests are signed at. @default this machine's clock */
  readonly clock?: Pick<SigningClock, 'now'> | undefined;
}

/**
 * The headers with what the service's auth mode adds.
 *
 * @throws DiscoveryError `CredentialsMissing` where there is nothing to authenticate with: a request never goes out
 * unsigned instead. `UntrustedEndpoint` when a token, a key or a header that isn't known to be harmless would go to a host that isn't listed.
 */
export async function authorizeRequest(options: AuthorizeOptions): Promise<Headers> {
  const { auth, endpoint, trust, url, method, headers, body, credentials, defaultRegion, clock = Date } = options;
  const { service, stage } = endpoint;
  const authorized = new Headers(headers);
  const missing = (what: string, cause?: unknown) =>
    new DiscoveryError('CredentialsMissing', `"${service}" is called with ${auth.mode}, but ${what}`, {
      service,
      stage,
      cause,
    });
  const carried = new Map([
    ['none', undefined],
    ['iam', undefined],
    ['bearer', 'a token'],
    ['apiKey', 'an API key'],
  ]);
  if (!carried.has(auth.mode)) {
    // Taken for "none" it would go out unsigned.
    const what = `auth of "${service}": "${auth.mode as string}" is not one of ${[...carried.keys()].join(', ')}`;
    throw new DiscoveryError('InvalidOptions', what, { service, stage });
  }
  const replayable = carried.get(auth.mode) ?? findReplayableHeader(authorized.keys());
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
      if (!found?.accessKeyId || !found.secretAccessKey) throw missing('there are no credentials');
      const described = describeTarget(endpoint.target, endpoint.kind);
      const region = auth.region ?? endpoint.region ?? described.region ?? defaultRegion;
      const signingService = auth.signingService ?? endpoint.signingService ?? described.signingService;
      if (!region) throw missing('there is no region to sign for');
      if (!signingService) throw missing('there is no service to sign for');
      return signRequest({
        method,
        url: url.href,
        headers: authorized,
        body,
        region,
        service: signingService,
        credentials: found,
        time: clock.now(),
      });
    }
  }
}

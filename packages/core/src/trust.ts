import { DiscoveryError } from './discovery-error.ts';
import { parseSecureUrl } from './parse-target.ts';

/** Which hosts an application lets discovery send requests to. */
export interface TrustOptions {
  /**
   * Host patterns: `api.example.com`, `*.example.com` (one or more labels before it), `api.example.com:8443`,
   * `localhost:*` (any port). Without a port only the scheme's default port matches.
   *
   * @default none: only AWS's own API domains in `region` are trusted, for calls that carry no replayable credentials.
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /** The registry's region, `eu-west-1`. Without it nothing is trusted by default. */
  readonly region?: string | undefined;
}

/**
 * How far a URL is trusted: `listed` hosts may receive bearer tokens and API keys, `derived` ones (AWS's API domains
 * in the registry's region, where anyone can have an API) only requests whose credentials can't be replayed elsewhere:
 * none, or SigV4.
 */
export type Trust = 'listed' | 'derived';

/** Decides about one URL; undefined means: send nothing there. */
export type FindTrust = (url: string) => Trust | undefined;

const hostPattern = /^(\*\.(?=.+\.))?([a-z\d-]+(?:\.[a-z\d-]+)*|\[::1])(?::(\d+|\*))?$/i;

/**
 * Makes the trust rule of one application.
 *
 * Host names are compared as whole labels from the right end, in the form `URL` gives them (lower case, punycode), so
 * look-alikes, `good.com.evil.com`, userinfo and trailing dots don't match. Plain http and ws match this machine's names only.
 *
 * @throws DiscoveryError `InvalidOptions` for what is no host pattern, and for one that would match a whole top-level domain.
 */
export function createTrust({ trustedHosts, region = '' }: TrustOptions): FindTrust {
  const matchers = trustedHosts?.map((pattern) => {
    const [, wildcard, host, port] =
      hostPattern.exec(pattern) ?? refuse(`trustedHosts: "${pattern}" is no host pattern`);
    const suffix = `.${host}`.toLowerCase();
    return ({ hostname, port: ownPort, protocol }: URL) =>
      (wildcard ? hostname.endsWith(suffix) : `.${hostname}` === suffix) &&
      (port ? port === '*' || port === (ownPort || (/s:/.test(protocol) ? '443' : '80')) : !ownPort);
  });
  if (!/^[a-z\d-]*$/.test(region)) refuse(`region: "${region}" is no AWS region`);
  // https://docs.aws.amazon.com/general/latest/gr/apigateway.html, …/lambda/latest/dg/urls-configuration.html
  const awsHost = new RegExp(
    `^[\\w-]+\\.((execute-api|appsync-(realtime-)?api)\\.${region}\\.amazonaws\\.com(\\.cn)?|lambda-url\\.${region}\\.on\\.aws)$`,
  );

  return (target) => {
    const url = parseSecureUrl(target);
    if (!url) return undefined;
    if (matchers) return matchers.some((matches) => matches(url)) ? 'listed' : undefined;
    return region && awsHost.test(url.host) ? 'derived' : undefined;
  };
}

function refuse(what: string): never {
  throw new DiscoveryError('InvalidOptions', what);
}

import { DiscoveryError } from '../discovery-error.ts';
import { findAwsApi } from './find-aws-api.ts';
import { parseSecureUrl } from './parse-secure-url.ts';

/** Which hosts an application lets discovery send requests to. */
export interface TrustOptions {
  /**
   * Host patterns: `api.example.com`, `*.example.com` (one or more labels before it), `api.example.com:8443`,
   * `localhost:*` (any port). Without a port only the scheme's default port matches. The list is complete unless it has the
   * entry `aws`, which adds AWS's own API domains in `regions`, or `aws:us-east-1`, which adds those of one region: both for
   * calls that carry nothing replayable.
   *
   * @default ['aws']
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /** The registry's region, `eu-west-1`. */
  readonly region?: string | undefined;
  /** The regions that `aws` stands for. @default the registry's; without it none */
  readonly regions?: readonly string[] | undefined;
}

/**
 * How far a URL is trusted: `listed` hosts may receive bearer tokens and API keys, `derived` ones (AWS's API domains,
 * where anyone can have an API) only requests that carry nothing replayable: see `findReplayableHeader`.
 */
export type Trust = 'listed' | 'derived';

/** Decides about one URL; undefined means: send nothing there. */
export type FindTrust = (url: string) => Trust | undefined;

const hostPattern = /^(\*\.(?=.+\.))?([a-z\d-]+(?:\.[a-z\d-]+)*|\[::1])(?::(\d+|\*))?$/i;

/** The entries that stand for AWS's API domains, in the registry's regions or in the one that is named. */
const awsEntry = /^aws(?::([a-z][a-z\d-]*))?$/;

/** Whether the value can be an entry of `trustedHosts`. */
export function isTrustEntry(value: unknown): boolean {
  return typeof value === 'string' && (awsEntry.test(value) || hostPattern.test(value));
}

/** Whether the value can be the name of an AWS region. */
export function isRegion(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z][a-z\d-]*$/.test(value);
}

/**
 * Makes the trust rule of one application.
 *
 * Host names are compared as whole labels from the right end, in the form `URL` gives them (lower case, punycode), so
 * look-alikes, `good.com.evil.com`, userinfo and trailing dots don't match. Plain http and ws match this machine's names only.
 *
 * @throws DiscoveryError `InvalidOptions` for what is not a host pattern, and for one that would match a whole top-level domain.
 */
export function createTrust({
  trustedHosts = ['aws'],
  region,
  regions = region ? [region] : [],
}: TrustOptions): FindTrust {
  const derived = new Set<string>();
  const matchers: ((url: URL) => boolean)[] = [];
  for (const name of regions) if (!isRegion(name)) refuse(`region: "${name}" is not an AWS region`);
  for (const entry of trustedHosts) {
    const aws = awsEntry.exec(entry);
    if (aws) for (const name of aws[1] ? [aws[1]] : regions) derived.add(name);
    else matchers.push(matchHost(entry));
  }

  return (target) => {
    const url = parseSecureUrl(target);
    if (!url) return undefined;
    if (matchers.some((matches) => matches(url))) return 'listed';
    return derived.has(findAwsApi(url.host)?.region ?? '') ? 'derived' : undefined;
  };
}

function matchHost(pattern: string): (url: URL) => boolean {
  const [, wildcard, host, port] =
    hostPattern.exec(pattern) ?? refuse(`trustedHosts: "${pattern}" is not a host pattern such as *.example.com`);
  const suffix = `.${host}`.toLowerCase();
  return ({ hostname, port: ownPort, protocol }) =>
    (wildcard ? hostname.endsWith(suffix) : `.${hostname}` === suffix) &&
    (port ? port === '*' || port === (ownPort || (/s:/.test(protocol) ? '443' : '80')) : !ownPort);
}

function refuse(what: string): never {
  throw new DiscoveryError('InvalidOptions', what);
}

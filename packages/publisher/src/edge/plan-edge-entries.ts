import type { Endpoint, FindTrust, Snapshot } from '@amplify-discovery/core';
import { edgeLimits } from './edge-limits.ts';

export interface EdgeOptions {
  /** Which services callers may reach. @default every service of the stage that has an https URL and no tenant */
  readonly services?: readonly string[] | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** What the edge can't serve, and why. */
export interface SkippedService {
  readonly service: string;
  readonly reason: string;
}

/** What the key value store holds for one stage. */
export interface EdgeEntries {
  readonly entries: ReadonlyMap<string, string>;
  readonly skipped: readonly SkippedService[];
}

/**
 * The key value store's entries for a stage: `{stage}/{service}` → `[[id, weight, host, path, port, expiresAt?], …]`.
 *
 * The edge passes callers' tokens and cookies on and signs nothing, so it serves only endpoints on hosts that are listed
 * as trusted; tenants and version ranges don't exist there.
 */
export function planEdgeEntries(snapshot: Snapshot, findTrust: FindTrust, options: EdgeOptions = {}): EdgeEntries {
  const { services, now = Date.now } = options;
  const entries = new Map<string, string>();
  const skipped: SkippedService[] = [];
  const isServed = (service: string) => !services || services.includes(service);
  const untrusted = new Set<string>();
  for (const { service = '', code, message } of snapshot.rejected) {
    if (isServed(service)) skipped.push({ service, reason: message });
    if (code === 'UntrustedEndpoint') untrusted.add(service);
  }
  for (const [service, endpoints] of snapshot.services) {
    if (!isServed(service) || untrusted.has(service)) continue;
    const live = endpoints.filter(({ expiresAt = Infinity, tenant }) => !tenant && expiresAt > now());
    const callable = live.filter(({ target }) => isOrigin(target) && findTrust(target) === 'listed');
    const key = `${snapshot.stage}/${service}`;
    const value = JSON.stringify(callable.map(describe));
    const reason = !callable.length
      ? 'no endpoint without tenant at an https URL on a host of trustedHosts'
      : callable.length < live.length
        ? 'some of its endpoints are not at an https URL on a host of trustedHosts, so its weights would not hold'
        : Buffer.byteLength(value) > edgeLimits.valueBytes
          ? `its endpoints take more than ${edgeLimits.valueBytes} bytes`
          : Buffer.byteLength(key) > edgeLimits.keyBytes
            ? `stage and name take more than ${edgeLimits.keyBytes} bytes`
            : undefined;
    if (reason) skipped.push({ service, reason });
    else entries.set(key, value);
  }
  return { entries, skipped };
}

/**
 * What `updateRequestOrigin` takes: no addresses, and ports of CloudFront's choice.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
 */
function isOrigin(target: string): boolean {
  if (!/^https:\/\/[\w.-]+(:\d+)?(\/|$)/.test(target)) return false;
  const { hostname, port } = new URL(target);
  const isAddress = /^[\d.]+$/.test(hostname);
  return !isAddress && hostname.length <= 253 && (port === '' || port === '80' || Number(port) >= 1024);
}

function describe({ id, weight, target, expiresAt }: Endpoint): readonly unknown[] {
  const { hostname, pathname, port } = new URL(target);
  return [
    id,
    weight,
    hostname,
    pathname.replace(/\/$/, ''),
    Number(port || 443),
    ...(expiresAt === undefined ? [] : [expiresAt]),
  ];
}

import { listCandidates, type Endpoint, type FindTrust, type Snapshot } from '@amplify-discovery/core';
import { edgeLimits } from './edge-limits.ts';

export interface EdgeOptions {
  /** Which services callers may reach. @default every service of the stage that has an https URL and no tenant */
  readonly services?: readonly string[] | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** A service that the edge can't serve, and why. */
export interface SkippedService {
  readonly service: string;
  readonly reason: string;
}

/** The key value store's entries for one stage. */
export interface EdgeEntries {
  readonly entries: ReadonlyMap<string, string>;
  readonly skipped: readonly SkippedService[];
}

/**
 * The key value store's entries for a stage: `{stage}/{service}` → `[[id, weight, host, path, port, until?, since?], …]`, times
 * in milliseconds since the epoch, 0 for an `until` that isn't set.
 *
 * The edge forwards callers' tokens and cookies and signs nothing, so it serves only endpoints on listed hosts. It knows no
 * tenants and no version ranges.
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
    const serving = planServing(endpoints, now());
    const callable = serving.filter(({ target }) => isOrigin(target) && findTrust(target) === 'listed');
    const key = `${snapshot.stage}/${service}`;
    const value = JSON.stringify(callable.map(describe));
    const reason = !callable.length
      ? 'no endpoint without tenant at an https URL on a host of trustedHosts'
      : callable.length < serving.length
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
 * Whether `updateRequestOrigin` accepts it: no IP addresses, and only some ports.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
 */
function isOrigin(target: string): boolean {
  if (!/^https:\/\/[\w.-]+(:\d+)?(\/|$)/.test(target)) return false;
  const { hostname, port } = new URL(target);
  const isAddress = /^[\d.]+$/.test(hostname);
  return !isAddress && hostname.length <= 253 && (port === '' || port === '80' || Number(port) >= 1024);
}

interface Serving extends Endpoint {
  /** When it begins to serve, in milliseconds since the epoch; undefined if it does already. */
  readonly since?: number | undefined;
}

/**
 * The candidates now, and those that follow once others have expired: the edge checks the time itself, because nothing is
 * written when an endpoint expires. Expiry only removes endpoints, so a candidate stays one until it expires.
 */
function planServing(endpoints: readonly Endpoint[], now: number): readonly Serving[] {
  const expiries = endpoints.flatMap(({ expiresAt = 0 }) => (expiresAt > now ? [expiresAt] : []));
  const serving = new Map<Endpoint, number | undefined>();
  for (const time of [now, ...new Set(expiries.sort((left, right) => left - right))]) {
    for (const endpoint of listCandidates(endpoints, {}, time))
      if (!serving.has(endpoint)) serving.set(endpoint, time === now ? undefined : time);
  }
  return endpoints.flatMap((endpoint) =>
    serving.has(endpoint) ? [{ ...endpoint, since: serving.get(endpoint) }] : [],
  );
}

function describe({ id, weight, target, expiresAt, since }: Serving): readonly unknown[] {
  const { hostname, pathname, port } = new URL(target);
  const times = since === undefined ? (expiresAt === undefined ? [] : [expiresAt]) : [expiresAt ?? 0, since];
  return [id, weight, hostname, pathname.replace(/\/$/, ''), Number(port || 443), ...times];
}

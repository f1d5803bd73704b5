import type { Endpoint, FindTrust, Snapshot } from '@amplify-discovery/core';
import type { AffinityRule } from './find-affinity-key.ts';

export interface EdgeOptions {
  /** Which services callers may reach. @default every service of the stage that has an https URL and no tenant */
  readonly services?: readonly string[] | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** What the key value store holds for one stage. */
export interface EdgeEntries {
  readonly entries: ReadonlyMap<string, string>;
  /** What the edge can't serve, and why. */
  readonly left: readonly { readonly service: string; readonly reason: string }[];
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const maximumValueBytes = 1024;

/**
 * The key value store's entries for a stage: `{stage}/{service}` → `[[id, weight, host, path, port, expiresAt?], …]`.
 *
 * The edge passes callers' tokens and cookies on and signs nothing, so it serves only endpoints on hosts that are listed
 * as trusted; tenants and version ranges are not known there.
 */
export function planEdgeEntries(snapshot: Snapshot, findTrust: FindTrust, options: EdgeOptions = {}): EdgeEntries {
  const { services, now = Date.now } = options;
  const entries = new Map<string, string>();
  const left: { service: string; reason: string }[] = [];
  for (const [service, endpoints] of snapshot.services) {
    if (services && !services.includes(service)) continue;
    const live = endpoints.filter(({ expiresAt = Infinity, tenant }) => !tenant && expiresAt > now());
    const callable = live.filter(
      ({ target }) => /^https:\/\/[\w.-]+(:\d+)?(\/|$)/.test(target) && findTrust(target) === 'listed',
    );
    const value = JSON.stringify(callable.map(describe));
    const reason = !callable.length
      ? 'no endpoint without tenant at an https URL on a host of trustedHosts'
      : callable.length < live.length
        ? 'some of its endpoints are not at an https URL on a host of trustedHosts, so its weights would not hold'
        : Buffer.byteLength(value) > maximumValueBytes
          ? `its endpoints take more than ${maximumValueBytes} bytes`
          : undefined;
    if (reason) left.push({ service, reason });
    else entries.set(`${snapshot.stage}/${service}`, value);
  }
  return { entries, left };
}

/** What the function at the edge is told besides: under the key `_settings`. */
export function planEdgeSettings(settings: {
  readonly stage?: string | undefined;
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  readonly affinity?: AffinityRule | undefined;
}): readonly [key: string, value: string] {
  const { stage, byHost, affinity: { header, cookie } = {} } = settings;
  return ['_settings', JSON.stringify({ stage, byHost, header: header?.toLowerCase(), cookie })];
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

import type { Target } from '../engine/target.ts';
import { createZoneTarget } from './create-zone-target.ts';
import { createUpdateStore, type DnsUpdateOptions } from './update/create-update-store.ts';

export interface DnsTargetOptions extends DnsUpdateOptions {
  /** Of the records it writes. @default 60 */
  readonly ttlSeconds?: number | undefined;
}

/**
 * A zone of a DNS server as a target, in the layout of the DNS source, by dynamic updates with a shared key. Each endpoint is
 * written by one update on condition that nothing it touches has changed; the server raises the zone's serial.
 *
 * @example
 * ```ts
 * const target = createDnsTarget({ zone: 'internal.example', server: '10.0.0.53', key: { name: 'bridge', secret: process.env.DNS_SECRET ?? '' } });
 * ```
 */
export function createDnsTarget({ ttlSeconds, ...options }: DnsTargetOptions): Target {
  return createZoneTarget({ store: createUpdateStore(options), ttlSeconds });
}

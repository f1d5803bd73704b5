import { createZoneTarget } from '../dns/create-zone-target.ts';
import type { Target } from '../engine/target.ts';
import { createRoute53Store, type Route53Options } from './create-route53-store.ts';

export interface Route53TargetOptions extends Route53Options {
  /** Of the records it writes. @default 60 */
  readonly ttlSeconds?: number | undefined;
}

/**
 * A hosted zone of Route 53 as a target, public or private, in the layout of the DNS source, which reads it back. Each endpoint
 * is written by one batch of changes on condition that nothing it touches has changed.
 *
 * @example
 * ```ts
 * const target = createRoute53Target({ hostedZoneId: 'Z0123456789ABCDEFGHIJ', credentials });
 * ```
 */
export function createRoute53Target({ ttlSeconds, ...options }: Route53TargetOptions): Target {
  // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
  return createZoneTarget({ store: createRoute53Store(options), ttlSeconds, maximumTxt: 4000, maximumRecords: 400 });
}

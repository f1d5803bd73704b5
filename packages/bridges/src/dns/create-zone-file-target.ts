import type { Target } from '../engine/target.ts';
import { createZoneTarget } from './create-zone-target.ts';
import { createFileStore, type ZoneFileOptions } from './zone-file/create-file-store.ts';

export interface ZoneFileTargetOptions extends ZoneFileOptions {
  /** Of the records it writes. @default 60 */
  readonly ttlSeconds?: number | undefined;
}

/**
 * A zone file as a target, in the layout of the DNS source, for servers that take no updates. BIND
 * loads it again on `rndc reload`.
 *
 * @example
 * ```ts
 * const target = createZoneFileTarget({ zone: 'internal.example', file: '/var/lib/bind/internal.example.zone' });
 * ```
 */
export function createZoneFileTarget({ ttlSeconds, ...options }: ZoneFileTargetOptions): Target {
  return createZoneTarget({ store: createFileStore(options), ttlSeconds });
}

import type { Endpoint } from '@amplify-discovery/core';
import { matchPattern } from '@amplify-discovery/registry';
import type { SyncOptions } from './sync-stage.ts';

/** A selection of the endpoints whose service is like one of the patterns, in which `*` stands for any text; undefined without any. */
export function selectServices(patterns: readonly string[]): SyncOptions['select'] {
  if (patterns.length === 0) return undefined;
  return (endpoint: Endpoint) =>
    patterns.some((pattern) => matchPattern(pattern, endpoint.service)) ? endpoint : undefined;
}

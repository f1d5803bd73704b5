import { edgeLimits } from './edge-limits.ts';
import type { SkippedService } from './plan-edge-entries.ts';

export interface EdgeState {
  /** What the store holds now. */
  readonly current: ReadonlyMap<string, string>;
  readonly stage: string;
  /** What it should hold for the stage. */
  readonly entries: ReadonlyMap<string, string>;
  readonly settings?: readonly [key: string, value: string] | undefined;
  /** All stages that the store serves. */
  readonly stages?: readonly string[] | undefined;
}

/** A key to write, or, without a value, to remove. */
export interface EdgeChange {
  readonly key: string;
  readonly value?: string | undefined;
}

export interface EdgeChanges {
  /** In the order to make them. */
  readonly changes: readonly EdgeChange[];
  readonly skipped: readonly SkippedService[];
}

/**
 * The changes to make in the store. Entries are written before the settings that point to them, and nothing is removed until
 * its replacement is there, unless old and new don't fit into the store together. When the store is full, the last services
 * of the stage are skipped.
 */
export function planEdgeChanges({ current, stage, entries, settings, stages }: EdgeState): EdgeChanges {
  const isGone = (key: string) =>
    key.startsWith(`${stage}/`)
      ? !entries.has(key)
      : stages !== undefined && key.includes('/') && !stages.some((served) => key.startsWith(`${served}/`));
  const staying = [...current].filter(([key]) => !isGone(key) && !key.startsWith(`${stage}/`) && key !== settings?.[0]);
  let bytes = [...staying, ...(settings ? [settings] : [])].reduce((sum, pair) => sum + sizeOf(pair), 0);
  const wanted = new Map<string, string>();
  const skipped: SkippedService[] = [];
  for (const pair of entries) {
    const [key, value] = pair;
    if (bytes + sizeOf(pair) > edgeLimits.storeBytes) {
      skipped.push({
        service: key.slice(stage.length + 1),
        reason: 'the store is full: name the services to be served',
      });
    } else {
      bytes += sizeOf(pair);
      wanted.set(key, value);
    }
  }
  if (settings) wanted.set(...settings);

  const puts = [...wanted].filter(([key, value]) => current.get(key) !== value);
  const removals = [...current.keys()].filter(
    (key) => isGone(key) || (key.startsWith(`${stage}/`) && !wanted.has(key)),
  );
  const between = new Map([...current, ...puts]);
  const hasRoom = [...between].reduce((sum, pair) => sum + sizeOf(pair), 0) <= edgeLimits.storeBytes;
  const written: EdgeChange[] = puts.map(([key, value]) => ({ key, value }));
  const removed: EdgeChange[] = removals.map((key) => ({ key }));
  return { changes: hasRoom ? [...written, ...removed] : [...removed, ...written], skipped };
}

function sizeOf([key, value]: readonly [string, string]): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}

import { createHash } from 'node:crypto';
import { parseDateTime } from '@amplify-discovery/core';
import { markKey } from './mark-key.ts';

/** What a bridge says about itself, once for each stage, beside its copies: whoever looks there can tell whether it still runs. */
export interface BridgeStatus {
  /** Of the bridge that says it. */
  readonly mark: string;
  /** When both sides were last found alike or made so, in milliseconds since the epoch. */
  readonly syncedAt: number;
  /** While the bridge runs, it says so again within so many seconds. Undefined for one that is run by hand. */
  readonly withinSeconds?: number | undefined;
  /** For people: `discovery bridge 0.1.0`. */
  readonly program: string;
}

/** How often a bridge says that it runs, whatever it copies: a write per copied stage and hour. */
const refreshSeconds = 3600;

/** What a bridge promises that asks its source every so many seconds: three times the distance of its reports. */
export function promiseReport(intervalSeconds: number): number {
  return 3 * Math.max(refreshSeconds, intervalSeconds);
}

/** Whether the status is to be written again; a third of the promised time leaves room for two runs that fail. */
export function isReportDue(present: BridgeStatus, next: BridgeStatus): boolean {
  if (present.withinSeconds !== next.withinSeconds || present.program !== next.program) return true;
  const ageSeconds = Math.abs(next.syncedAt - present.syncedAt) / 1000;
  return ageSeconds >= (next.withinSeconds === undefined ? refreshSeconds : next.withinSeconds / 3);
}

/** The status as flat texts, for systems with attributes, labels or metadata. */
export function renderStatus({
  mark,
  syncedAt,
  withinSeconds,
  program,
}: BridgeStatus): Readonly<Record<string, string>> {
  return {
    [markKey]: mark,
    syncedAt: new Date(syncedAt).toISOString(),
    ...(withinSeconds !== undefined && { withinSeconds: String(withinSeconds) }),
    program,
  };
}

/** The status that such texts stand for; undefined where they aren't one. */
export function readStatus(texts: Readonly<Record<string, unknown>>): BridgeStatus | undefined {
  const own = (name: string) =>
    Object.hasOwn(texts, name) && typeof texts[name] === 'string' ? texts[name] : undefined;
  const mark = own(markKey);
  const syncedAt = parseDateTime(own('syncedAt') ?? '');
  const within = own('withinSeconds');
  if (mark === undefined || Number.isNaN(syncedAt) || !/^\d{1,9}$/.test(within ?? '0')) return undefined;
  return {
    mark,
    syncedAt,
    ...(within !== undefined && { withinSeconds: Number(within) }),
    program: own('program') ?? 'an unknown program',
  };
}

/** The status as JSON, for systems that hold a text under a key. */
export function renderStatusText(status: BridgeStatus): string {
  return JSON.stringify(renderStatus(status));
}

/** The status of such a text; undefined for any other text. */
export function readStatusText(text: string): BridgeStatus | undefined {
  try {
    return readStatus({ ...(JSON.parse(text) as object) });
  } catch {
    return undefined;
  }
}

/** The mark as a name of 22 letters, digits, - and _, for systems in which a mark itself can't name an object. */
export function hashMark(mark: string): string {
  return createHash('sha256').update(mark).digest('base64url').slice(0, 22);
}

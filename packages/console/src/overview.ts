import type { Finding } from './findings/finding.ts';
import type { ListedEndpoint } from './records/listed-endpoint.ts';

/** What the page shows. */
export interface Overview {
  /** The registry's URL. */
  readonly registry: string;
  /** In the order of the columns. */
  readonly stages: readonly string[];
  /** Fields that the reader may not see are absent. */
  readonly endpoints: readonly ListedEndpoint[];
  readonly findings: readonly ShownFinding[];
  /** What could not be checked, in words. */
  readonly unchecked: readonly string[];
  /** Changes can be planned and written. */
  readonly mayWrite: boolean;
  /** Published states can be read. */
  readonly hasHistory: boolean;
}

/** A fault as `discovery doctor` finds it, why it is one, and how it is mended. */
export type ShownFinding = Omit<Finding, 'removable'>;

export interface StageChange {
  /** ISO 8601. */
  readonly time: string;
  readonly stage: string;
  readonly service: string;
  readonly id: string;
  readonly change: 'registered' | 'updated' | 'deregistered';
  /** The fields that differ, of an update. */
  readonly fields: readonly string[];
  readonly target: string;
}

/** One published state of a stage. */
export interface HistoryEntry {
  /** What a rollback names. */
  readonly version: string;
  /** ISO 8601. */
  readonly writtenAt: string;
  readonly endpoints: number;
  /** How it differs from what is registered now, a line for each endpoint. */
  readonly differences: readonly string[];
  /** Why it can't be used. */
  readonly fault?: string | undefined;
}

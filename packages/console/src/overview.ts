/** What the page shows. */
export interface Overview {
  /** The registry's URL. */
  readonly registry: string;
  /** In the order of the columns. */
  readonly stages: readonly string[];
  readonly endpoints: readonly ShownEndpoint[];
  readonly findings: readonly ShownFinding[];
  /** What could not be checked, in words. */
  readonly unchecked: readonly string[];
  /** Changes can be planned and written. */
  readonly mayWrite: boolean;
  /** Published states can be read. */
  readonly hasHistory: boolean;
}

/** A record. Fields that the reader may not see are absent. Times are ISO 8601. */
export interface ShownEndpoint {
  readonly stage: string;
  readonly service: string;
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly region?: string | undefined;
  readonly signingService?: string | undefined;
  readonly authMode?: string | undefined;
  readonly version?: string | undefined;
  readonly tenant?: string | undefined;
  readonly priority: number;
  readonly weight: number;
  readonly public?: boolean | undefined;
  readonly metadata?: unknown;
  readonly expiresAt?: string | undefined;
  readonly owner?: string | undefined;
  readonly token?: string | undefined;
  readonly actor?: string | undefined;
  readonly registeredAt?: string | undefined;
  readonly updatedAt?: string | undefined;
  readonly override?:
    | { readonly until: string; readonly reason: string; readonly registered: { readonly target: string } }
    | undefined;
}

/** A fault, why it is one, and how it is mended. */
export interface ShownFinding {
  readonly check: string;
  readonly severity: 'error' | 'warning';
  /** `stage/service/id`, or what else it is about. */
  readonly subject: string;
  readonly problem: string;
  readonly fix: string;
}

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

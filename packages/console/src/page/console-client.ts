import type { ConsoleAction } from '../console-action.ts';
import type { HistoryEntry, Overview, StageChange } from '../overview.ts';

/** Where the page reads and writes. All of it rejects with `ConsoleError`. */
export interface ConsoleClient {
  readOverview(signal: AbortSignal): Promise<Overview>;
  /** Calls back until the signal aborts or the connection ends. */
  watch(watcher: ConsoleWatcher, signal: AbortSignal): Promise<void>;
  /** Only where the overview says that changes may be written. */
  plan(action: ConsoleAction): Promise<{ readonly id: string; readonly lines: readonly string[] }>;
  write(id: string): Promise<{ readonly written: number }>;
  readHistory(stage: string, signal: AbortSignal): Promise<readonly HistoryEntry[]>;
  /** Ends the person's session and leaves the page. Absent where nobody signs in. */
  readonly signOut?: (() => Promise<void>) | undefined;
}

export interface ConsoleWatcher {
  /** Called once the connection is there, and when it changes, with how soon changes are seen, in words. */
  onFreshness(freshness: string): void;
  onChange(change: StageChange): void;
}

/** What went wrong, in words for a person. */
export class ConsoleError extends Error {
  readonly code: string;
  readonly advice: string | undefined;
  constructor(code: string, message: string, advice?: string) {
    super(message);
    this.code = code;
    this.advice = advice;
  }
}

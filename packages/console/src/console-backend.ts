import type { ConsoleAction } from './console-action.ts';
import type { HistoryEntry, Overview, StageChange } from './overview.ts';

/** What the console shows and changes. The program that serves it has the credentials; the page never sees them. */
export interface ConsoleBackend {
  /**
   * Everything that may be read, as it is now.
   *
   * @throws DiscoveryError those of the registry.
   */
  readOverview(signal: AbortSignal): Promise<Overview>;
  /** The changes of all stages from now on, until the signal aborts. */
  watch(signal: AbortSignal): AsyncIterable<StageChange>;
  /**
   * Plans a change from what the registry has now. Absent where nothing may be written.
   *
   * @throws DiscoveryError `InvalidOptions`, `ServiceNotFound`, those of the registry.
   */
  readonly plan?: ((action: ConsoleAction, signal: AbortSignal) => Promise<PlannedChange>) | undefined;
  /**
   * The published states of a stage, newest first. Absent where none are kept.
   *
   * @throws DiscoveryError those of the storage.
   */
  readonly readHistory?: ((stage: string) => Promise<readonly HistoryEntry[]>) | undefined;
}

/** A change that has been shown and not yet written. */
export interface PlannedChange {
  /** A line for each write; empty when there is nothing to do. */
  readonly lines: readonly string[];
  /** @throws DiscoveryError `ConcurrentChange` for a record that has changed since, otherwise those of the registry. */
  write(): Promise<void>;
}

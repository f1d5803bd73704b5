/** Writes that have been planned from what was read, and are shown before they are carried out. */
export interface PreparedChange {
  /** What will be written, a line for each write; empty when there is nothing to do. */
  readonly lines: readonly string[];
  /**
   * Carries it out. A record that has changed since it was read is left as it is.
   *
   * @throws DiscoveryError `ConcurrentChange` for such a record, otherwise those of the registry.
   */
  write(): Promise<void>;
}

/** The notices of stages, or what takes their place. */
export interface Notices {
  /**
   * Waits until a stage may have changed, `checkMs` at most; while no notices arrive, `intervalMs`. Ends with the signal at the
   * latest.
   */
  wait(intervalMs: number, checkMs: number): Promise<void>;
  /** Listens for this stage as well. */
  add(stage: string): void;
  close(): void;
}

export interface AnnouncerOptions {
  /** Makes the notice: the mutation `announceStage`. */
  readonly announce: (stage: string, revision: string) => Promise<void>;
  /** Receives what a notice failed with. @default nothing is reported */
  readonly onFailure?: ((stage: string, error: unknown) => void) | undefined;
}

/**
 * Makes what notifies the subscribers of a stage, once for each revision. A notice is only a hint, since subscribers read again by
 * age, too: one that fails is reported, and never makes the caller fail.
 */
export function createAnnouncer({
  announce,
  onFailure = () => {},
}: AnnouncerOptions): (stage: string, revision: string) => Promise<void> {
  const announced = new Map<string, string>();
  return async (stage, revision) => {
    if (announced.get(stage) === revision) return;
    try {
      await announce(stage, revision);
      announced.set(stage, revision);
    } catch (error) {
      onFailure(stage, error);
    }
  };
}

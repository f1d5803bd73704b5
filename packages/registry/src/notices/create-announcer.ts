/**
 * Makes what notifies the subscribers of a stage, by `announce`, once for each revision. It rejects with what a notice fails with; the
 * same revision is then announced at the next occasion.
 */
export function createAnnouncer(
  announce: (stage: string, revision: string) => Promise<void>,
): (stage: string, revision: string) => Promise<void> {
  const announced = new Map<string, string>();
  return async (stage, revision) => {
    if (announced.get(stage) === revision) return;
    await announce(stage, revision);
    announced.set(stage, revision);
  };
}

/** Whether two states of the log, or members of them, say the same: their keys are in order. */
export function isSameState(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

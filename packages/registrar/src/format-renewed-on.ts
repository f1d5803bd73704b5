/**
 * The value of `RenewedOn` for a deployment at this time: its day, in UTC. Each day's first deployment is thereby an update of
 * the registration, although nothing else has changed, and further deployments of that day cost nothing.
 */
export function formatRenewedOn(time: Date): string {
  return time.toISOString().slice(0, 10);
}

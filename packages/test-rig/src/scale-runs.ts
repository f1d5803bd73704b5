/**
 * How often a property is run: so often in `npm test`, and `RUNS_SCALE` times as often where that is set, as .ci/run and
 * .ci/deep do.
 */
export function scaleRuns(runs: number): number {
  return Math.ceil(runs * Number(process.env.RUNS_SCALE ?? 1));
}

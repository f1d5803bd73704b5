import { type Finding, quoteWord } from '@amplify-discovery/console';
import type { BridgeStatus, PresentObject } from '@amplify-discovery/bridges';

export interface CopiesInTarget {
  /** As `--target` names it. */
  readonly target: string;
  readonly stage: string;
  readonly objects: readonly PresentObject[];
  /** Undefined where the target has no place for them. */
  readonly statuses: readonly BridgeStatus[] | undefined;
}

/** What one bridge has in a target. */
export interface BridgeReport {
  readonly stage: string;
  readonly mark: string;
  readonly copies: number;
  /** ISO 8601. Undefined for a mark without a status. */
  readonly lastRun?: string | undefined;
  readonly program?: string | undefined;
  /** It promised to report until then, ISO 8601. Undefined for a bridge that is run by hand. */
  readonly dueAt?: string | undefined;
}

/** The bridges that have something in the target, those that have stopped, and marks that no bridge answers for. */
export function findStoppedBridges(
  { target, stage, objects, statuses }: CopiesInTarget,
  now: number,
): { readonly bridges: readonly BridgeReport[]; readonly findings: readonly Finding[] } {
  const copies = new Map<string, number>();
  for (const { mark } of objects) if (mark !== undefined) copies.set(mark, (copies.get(mark) ?? 0) + 1);
  const byMark = new Map((statuses ?? []).map((status) => [status.mark, status]));
  const marks = [...new Set([...copies.keys(), ...byMark.keys()])].sort();
  const bridges = marks.map((mark) => describeBridge(stage, mark, copies.get(mark) ?? 0, byMark.get(mark)));
  const findings = bridges.flatMap((bridge) => {
    const problem = findProblem(bridge, statuses !== undefined, now);
    return problem ? [{ ...problem, subject: `${stage} ${bridge.mark}`, fix: writeCure(bridge, target) }] : [];
  });
  return { bridges, findings };
}

function describeBridge(stage: string, mark: string, copies: number, status: BridgeStatus | undefined): BridgeReport {
  if (!status) return { stage, mark, copies };
  const { syncedAt, withinSeconds, program } = status;
  const dueAt = withinSeconds === undefined ? undefined : new Date(syncedAt + withinSeconds * 1000).toISOString();
  return { stage, mark, copies, lastRun: new Date(syncedAt).toISOString(), program, dueAt };
}

function findProblem(
  { copies, lastRun, dueAt }: BridgeReport,
  canTell: boolean,
  now: number,
): Pick<Finding, 'check' | 'severity' | 'problem'> | undefined {
  const what = `${copies} ${copies === 1 ? 'copy' : 'copies'}`;
  if (lastRun === undefined && canTell) {
    return { check: 'mark-unowned', severity: 'warning', problem: `No bridge answers for the ${what} with this mark` };
  }
  if (dueAt === undefined || now <= Date.parse(dueAt)) return undefined;
  return {
    check: 'bridge-stopped',
    severity: 'error',
    problem: `The bridge has not run since ${lastRun}: nothing keeps its ${what} right`,
  };
}

function writeCure({ stage, mark }: BridgeReport, target: string): string {
  const purge = `discovery bridge registry ${quoteWord(target)} --purge --stage ${quoteWord(stage)} --mark ${quoteWord(mark)}`;
  return `Start the bridge again, with the same mark; or take its copies back: ${purge}`;
}

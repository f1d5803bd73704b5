import type { Finding } from '@amplify-discovery/console';
import type { Target } from '@amplify-discovery/bridges';
import type { CommandContext } from '../terminal/command-context.ts';
import { findStoppedBridges, type BridgeReport } from './find-stopped-bridges.ts';

export interface TargetExamination {
  readonly bridges: readonly BridgeReport[];
  readonly findings: readonly Finding[];
  /** What could not be checked, and why. */
  readonly unchecked: readonly string[];
}

/**
 * Examines what bridges have in another system.
 *
 * @param reference As command lines name the target, for the cures.
 * @throws DiscoveryError as `Target.list`
 */
export async function examineTarget(
  target: Target,
  reference: string,
  stages: readonly string[],
  { signal, now, wait }: Pick<CommandContext, 'signal' | 'now' | 'wait'>,
): Promise<TargetExamination> {
  const { name, statuses: store } = target;
  const bridges: BridgeReport[] = [];
  const findings: Finding[] = [];
  const unchecked = store ? [] : [`whether bridges still run: ${name} has no place for what they say about themselves`];
  for (const stage of stages) {
    const { objects, isComplete } = await wait(`Reading ${name}`, target.list(stage, { signal }));
    if (!isComplete) unchecked.push(`some of ${stage}: ${name} could be read only in part`);
    const statuses = await store?.list(stage, { signal });
    const report = findStoppedBridges({ target: reference, stage, objects, statuses }, now());
    bridges.push(...report.bridges);
    findings.push(...report.findings);
  }
  return { bridges, findings, unchecked };
}

import { type Finding, type ListedEndpoint, nameRecord, writeDeregister } from '@amplify-discovery/console';
import type { Shell, StackState } from '../terminal/shell.ts';

/** The outcome of the lookups in CloudFormation. */
export interface OwnerReport {
  readonly findings: readonly Finding[];
  /** Why owners could not be checked, in words. */
  readonly unchecked: readonly string[];
}

const stackOwner = /^(arn:[\w-]+:cloudformation:([a-z\d-]+):(\d{12}):stack\/[^#]+)#/;

/** Records whose CloudFormation stack has been deleted. Each stack is looked up once. */
export async function findGoneOwners(
  records: readonly ListedEndpoint[],
  findStack: Shell['findStack'],
): Promise<OwnerReport> {
  const findings: Finding[] = [];
  const unchecked: string[] = [];
  const states = new Map<string, StackState | undefined>();
  for (const record of records) {
    const [, stackId, region = ''] = stackOwner.exec(record.owner ?? '') ?? [];
    if (stackId === undefined) continue;
    if (!states.has(stackId)) {
      try {
        const state = await findStack(stackId, region);
        states.set(stackId, state);
        if (state === 'unknown')
          unchecked.push(
            `${stackId}: CloudFormation doesn't know it; it was deleted more than 90 days ago, or is another account's`,
          );
      } catch (error) {
        states.set(stackId, undefined);
        unchecked.push(`${stackId}: ${(error as Error).message}`);
      }
    }
    if (states.get(stackId) === 'gone') findings.push(describeGone(record, stackId));
  }
  return { findings, unchecked };
}

function describeGone(record: ListedEndpoint, stackId: string): Finding {
  return {
    check: 'owner-gone',
    severity: 'error',
    subject: nameRecord(record),
    problem: `The stack that registered it was deleted: ${stackId}`,
    fix: writeDeregister(record),
  };
}

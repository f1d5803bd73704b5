import { type Finding, type ListedEndpoint, nameRecord } from '@amplify-discovery/console';
import type { ProbeFault } from './probe-target.ts';

/** The outcome of contacting the targets. */
export interface TargetReport {
  readonly findings: readonly Finding[];
  /** What could not be decided, in words. */
  readonly unchecked: readonly string[];
}

const atOnce = 8;

const fixes: Readonly<Record<Exclude<ProbeFault['check'], 'undecided'>, string>> = {
  dns: 'Deploy the service again, or de-register the endpoint if it is gone for good.',
  connection: 'Check that the service runs and that its firewall admits callers.',
  tls: 'Give the host a certificate that is valid for its name, and register the host that the certificate names.',
  cors: "Make the API answer preflights from the app's origin; use --path if only some paths do.",
};

/** Contacts each target once, a few at a time. Pass only targets that the app trusts. */
export async function findUnreachableTargets(
  records: readonly ListedEndpoint[],
  probe: (target: string) => Promise<ProbeFault | undefined>,
): Promise<TargetReport> {
  const targets = [...new Set(records.map(({ target }) => target).filter((target) => !target.startsWith('arn:')))];
  const faults = new Map<string, ProbeFault>();
  const queue = targets.values();
  async function work(): Promise<void> {
    for (const target of queue) {
      const fault = await probe(target);
      if (fault) faults.set(target, fault);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));

  const findings: Finding[] = [];
  for (const record of records) {
    const { check, problem } = faults.get(record.target) ?? {};
    if (check === undefined || problem === undefined || check === 'undecided') continue;
    const severity = check === 'cors' ? 'warning' : 'error';
    findings.push({ check, severity, subject: nameRecord(record), problem, fix: fixes[check] });
  }
  const undecided = targets.flatMap((target) =>
    faults.get(target)?.check === 'undecided' ? [faults.get(target)?.problem ?? ''] : [],
  );
  return { findings, unchecked: undecided };
}

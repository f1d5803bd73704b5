import { isTrusted, parseDateTime, type FindTrust } from '@amplify-discovery/core';
import type { ListedEndpoint } from '../records/listed-endpoint.ts';
import { nameRecord, writeDeregister, type Finding } from './finding.ts';

const soonMs = 24 * 3_600_000;
const longMs = 7 * 24 * 3_600_000;

/** Faults in the records themselves, found without network access. Without a trust rule no host is called untrusted. */
export function findRecordFaults(
  records: readonly ListedEndpoint[],
  rejected: readonly string[],
  findTrust: FindTrust | undefined,
  now: number,
): readonly Finding[] {
  return [
    ...rejected.map(describeRejected),
    ...records.flatMap((record) => findExpired(record, now)),
    ...records.flatMap((record) => findOverrideFaults(record, now)),
    ...(findTrust ? records.filter((record) => !isTrusted(record, findTrust)).map(describeUntrusted) : []),
    ...findCaseTwins(records),
  ];
}

function describeRejected(reason: string): Finding {
  return {
    check: 'malformed',
    severity: 'error',
    subject: 'registry',
    problem: reason,
    fix: 'Register the endpoint again with the named field corrected; callers ignore it until then.',
  };
}

function findExpired(record: ListedEndpoint, now: number): readonly Finding[] {
  if (record.expiresAt === undefined) return [];
  const remaining = parseDateTime(record.expiresAt) - now;
  if (remaining > soonMs) return [];
  const about = { severity: 'warning', subject: nameRecord(record) } as const;
  if (remaining > 0) {
    const fix = 'Register it again with a later --expires if it is still needed.';
    return [{ ...about, check: 'expires-soon', problem: `It expires at ${record.expiresAt}.`, fix }];
  }
  const problem = `It expired at ${record.expiresAt} by this machine's clock; callers skip it.`;
  return [
    { ...about, check: 'expired', problem, fix: `${writeDeregister(record)}, or doctor --fix`, removable: record },
  ];
}

function findOverrideFaults(record: ListedEndpoint, now: number): readonly Finding[] {
  const { override, service, stage, id } = record;
  if (!override) return [];
  const remaining = parseDateTime(override.until) - now;
  if (remaining > longMs) {
    return [
      {
        check: 'override-lasts',
        severity: 'warning',
        subject: nameRecord(record),
        problem: `Its override (${override.reason}) lasts until ${override.until}; until then no deployment takes effect.`,
        fix: `If it was forgotten: discovery override ${service} --stage ${stage} --id ${id} --end`,
      },
    ];
  }
  if (remaining > soonMs) return [];
  return [
    {
      check: 'override-ends',
      severity: 'warning',
      subject: nameRecord(record),
      problem: `Its override (${override.reason}) ends at ${override.until}; then ${override.registered.target} serves.`,
      fix: `If that is too early: discovery override ${service} TARGET --stage ${stage} --id ${id} --for 2d --reason …`,
    },
  ];
}

function describeUntrusted(record: ListedEndpoint): Finding {
  const { host } = new URL(record.target);
  return {
    check: 'untrusted-host',
    severity: 'error',
    subject: nameRecord(record),
    problem: `The app would not call ${host}: it is not among its trusted hosts. The target was not contacted.`,
    fix: `Add ${host} to trustedHosts if it is yours; otherwise find out who registered it, and de-register it.`,
  };
}

/** Names that differ only in case: one was probably mistyped. */
function findCaseTwins(records: readonly ListedEndpoint[]): readonly Finding[] {
  const stages = new Set(records.map(({ stage }) => stage));
  const services = [...stages].flatMap((stage) => {
    const own = records.filter((record) => record.stage === stage).map(({ service }) => service);
    return groupByCase(own).map((names) => describeTwins(stage, 'services', names));
  });
  return [...groupByCase(stages).map((names) => describeTwins(names[0] as string, 'stages', names)), ...services];
}

function groupByCase(names: Iterable<string>): readonly (readonly string[])[] {
  const groups = new Map<string, Set<string>>();
  for (const name of names) {
    const key = name.toLowerCase();
    groups.set(key, (groups.get(key) ?? new Set()).add(name));
  }
  return [...groups.values()].filter((group) => group.size > 1).map((group) => [...group].sort());
}

function describeTwins(subject: string, what: string, names: readonly string[]): Finding {
  return {
    check: 'differs-in-case',
    severity: 'warning',
    subject,
    problem: `The ${what} ${names.join(' and ')} differ only in case, and are different names.`,
    fix: 'Register under one spelling and de-register the other.',
  };
}

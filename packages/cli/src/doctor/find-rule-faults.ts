import type { Finding, ListedEndpoint } from '@amplify-discovery/console';
import { parseDateTime } from '@amplify-discovery/core';
import { isRuleAbout, type Rule } from '@amplify-discovery/registry/operations';
import { findAbandoned } from '../commands/plan-purge.ts';

const weekMs = 7 * 86_400_000;

/** What rules and records tell together: freezes that were forgotten, and previews that nobody deploys any more. */
export function findRuleFaults(
  records: readonly ListedEndpoint[],
  rules: readonly Rule[],
  stages: readonly string[],
  now: number,
): readonly Finding[] {
  const freezes = rules.filter((rule) => rule.kind === 'freeze' && stages.some((stage) => isRuleAbout(rule, stage)));
  return [
    ...freezes.filter((rule) => now - readTime(rule, now) > weekMs).map(describeFreeze),
    ...findAbandoned({ records, rules, now }).map(({ stage, why, keptBy }): Finding => {
      const kept = keptBy === undefined ? '' : ` (${keptBy} keeps it: remove that first)`;
      return {
        check: 'abandoned-preview',
        severity: 'warning',
        subject: stage,
        problem: `It is a preview, and ${why}.`,
        fix: `discovery stages --purge${kept}`,
      };
    }),
  ];
}

function readTime({ updatedAt }: Rule, now: number): number {
  return updatedAt === null ? now : parseDateTime(updatedAt);
}

function describeFreeze({ name, reason, actor, updatedAt }: Rule): Finding {
  return {
    check: 'frozen',
    severity: 'warning',
    subject: name,
    problem: `It has been frozen since ${updatedAt} by ${actor ?? 'somebody'}: ${reason ?? 'no reason is given'}. Deployments fail.`,
    fix: `If it was forgotten: discovery rules remove freeze ${name}`,
  };
}

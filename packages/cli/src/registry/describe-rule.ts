import type { Rule, RuleInput } from '@amplify-discovery/registry/operations';

/** One line for people: `freeze incident: stages Production; services users; reason "an incident"`. */
export function describeRule(rule: Rule | RuleInput): string {
  const { kind, name, seconds, reason } = rule;
  const lists = (['stages', 'services', 'reserved', 'verbs', 'principals'] as const).flatMap((field) => {
    const values = rule[field];
    return values ? [`${field} ${values.join(', ')}`] : [];
  });
  const rest = [...(seconds ? [`seconds ${seconds}`] : []), ...(reason ? [`reason "${reason}"`] : [])];
  return `${kind} ${name}: ${[...lists, ...rest].join('; ') || 'everything'}`;
}

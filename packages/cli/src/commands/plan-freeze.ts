import type { Rule } from '@amplify-discovery/registry/operations';

export interface Frozen {
  readonly stage: string;
  /** Undefined: every service of the stage. */
  readonly service: string | undefined;
}

/** The freezes of exactly this service, or of this whole stage: those that `freeze` makes and `thaw` ends. */
export function findFreezes(rules: readonly Rule[], { stage, service }: Frozen): readonly Rule[] {
  const isOnly = (values: readonly string[] | null, name: string | undefined) =>
    name === undefined ? values === null : values?.length === 1 && values[0] === name;
  return rules.filter((rule) => rule.kind === 'freeze' && isOnly(rule.stages, stage) && isOnly(rule.services, service));
}

/** The name of the rule: that of the existing freeze, else an unused one. */
export function nameFreeze(rules: readonly Rule[], frozen: Frozen): string {
  const [known] = findFreezes(rules, frozen);
  if (known) return known.name;
  const base = [frozen.stage, frozen.service]
    .filter((part) => part !== undefined)
    .join('.')
    .slice(0, 120);
  const taken = new Set(rules.filter(({ kind }) => kind === 'freeze').map(({ name }) => name));
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`;
  return name;
}

import { resolveIntrinsics, type TemplateValues } from './resolve-intrinsics.ts';
import type { Template } from './template.ts';

/**
 * The template as it is deployed with these parameters: without the resources and outputs whose condition doesn't hold, with
 * one branch of each `Fn::If`, and without what is `AWS::NoValue`.
 */
export function applyConditions(template: Template, values: TemplateValues): Template {
  const conditions = new Map<string, boolean>();
  const holds = (name: string): boolean => {
    const known = conditions.get(name);
    if (known !== undefined) return known;
    if (!(name in (template.Conditions ?? {}))) throw new Error(`The template has no condition ${name}`);
    const result = evaluate(template.Conditions?.[name], values, holds);
    conditions.set(name, result);
    return result;
  };
  const { Conditions: _applied, ...rest } = template;
  const keep = <T extends { readonly Condition?: string }>(entries: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      Object.entries(entries)
        .filter(([, { Condition }]) => Condition === undefined || holds(Condition))
        .map(([name, { Condition: _held, ...entry }]) => [name, chooseBranches(entry, holds)]),
    ) as Record<string, T>;
  return {
    ...rest,
    Resources: keep(template.Resources),
    ...(template.Outputs && { Outputs: keep(template.Outputs) }),
  };
}

function evaluate(condition: unknown, values: TemplateValues, holds: (name: string) => boolean): boolean {
  const [[name, argument] = ['', undefined]] = Object.entries(condition as object) as [string, unknown][];
  const all = () => (argument as unknown[]).map((one) => evaluate(one, values, holds));
  switch (name) {
    case 'Condition':
      return holds(String(argument));
    case 'Fn::Equals': {
      const [one, other] = resolveIntrinsics(argument, values) as [unknown, unknown];
      return one === other;
    }
    case 'Fn::Not':
      return !all()[0];
    case 'Fn::And':
      return all().every(Boolean);
    case 'Fn::Or':
      return all().some(Boolean);
    default:
      throw new Error(`"${name}" is no condition function`);
  }
}

const nothing = Symbol('AWS::NoValue');

function chooseBranches(value: unknown, holds: (name: string) => boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((entry) => chooseBranches(entry, holds)).filter((entry) => entry !== nothing);
  const entries = Object.entries(value);
  const [[name, argument] = []] = entries;
  if (name === 'Fn::If') {
    const [condition, yes, no] = argument as [string, unknown, unknown];
    return chooseBranches(holds(condition) ? yes : no, holds);
  }
  if (name === 'Ref' && argument === 'AWS::NoValue') return nothing;
  const chosen = entries.map(([key, entry]) => [key, chooseBranches(entry, holds)] as const);
  return Object.fromEntries(chosen.filter(([, entry]) => entry !== nothing));
}

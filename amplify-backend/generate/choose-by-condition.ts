type Json = Readonly<Record<string, unknown>>;

export interface Gen1Resource extends Json {
  readonly Type: string;
}

/** What a template says besides its parameters. */
export interface Gen1Template {
  readonly Conditions?: Json;
  readonly Resources: Readonly<Record<string, Gen1Resource>>;
  readonly Outputs?: Readonly<Record<string, Json>>;
}

/**
 * One template that deploys as the first where the condition holds, and as the second where it doesn't. What both have is
 * kept; resources and outputs of one of them get the condition; within a resource, values that differ become `Fn::If`.
 *
 * Both may use the same conditions in themselves, but not on a resource or output that only one of them has.
 */
export function chooseByCondition(condition: string, one: Gen1Template, other: Gen1Template): Gen1Template {
  const chosen = {
    Conditions: { ...other.Conditions, ...one.Conditions },
    Resources: chooseEntries(condition, one.Resources, other.Resources),
    Outputs: chooseEntries(condition, one.Outputs ?? {}, other.Outputs ?? {}),
  };
  return { ...one, ...chosen };
}

function chooseEntries<T extends Json>(
  condition: string,
  one: Readonly<Record<string, T>>,
  other: Readonly<Record<string, T>>,
): Record<string, T> {
  const onlyOther = Object.keys(other).filter((id) => !Object.hasOwn(one, id));
  if (onlyOther.length > 0) throw new Error(`Only the template without ${condition} has ${onlyOther.join(', ')}`);
  return Object.fromEntries(
    Object.entries(one).map(([id, entry]): [string, T] => {
      const counterpart = other[id];
      // CloudFormation passes over dependencies on what a condition leaves out, and takes no functions there.
      const order = entry.DependsOn === undefined ? {} : { DependsOn: entry.DependsOn };
      if (counterpart) return [id, { ...(choose(condition, entry, { ...counterpart, ...order }) as T), ...order }];
      // A condition that stands there already is the narrower one.
      return [id, { Condition: condition, ...entry }];
    }),
  );
}

function choose(condition: string, one: unknown, other: unknown): unknown {
  if (JSON.stringify(one) === JSON.stringify(other)) return one;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length
      ? one.map((item, index) => choose(condition, item, other[index]))
      : chooseItems(condition, one, other);
  }
  if (isMap(one) && isMap(other)) return chooseMembers(condition, one, other);
  return decide(condition, one, other);
}

function chooseMembers(condition: string, one: Json, other: Json): Json {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, choose(condition, one[name], other[name])]));
}

/** Of lists that differ in length one lacks something; what both have stands in both in the same order. */
function chooseItems(condition: string, one: readonly unknown[], other: readonly unknown[]): unknown[] {
  const left = other.map((item) => JSON.stringify(item));
  const items: unknown[] = [];
  for (const item of one) {
    const index = left.indexOf(JSON.stringify(item));
    const passed = index < 0 ? [] : left.splice(0, index + 1).slice(0, -1);
    items.push(...passed.map((text) => decide(condition, undefined, JSON.parse(text))));
    items.push(index < 0 ? decide(condition, item, undefined) : item);
  }
  return [...items, ...left.map((text) => decide(condition, undefined, JSON.parse(text)))];
}

function decide(condition: string, one: unknown, other: unknown): unknown {
  const nothing = { Ref: 'AWS::NoValue' };
  return { 'Fn::If': [condition, one === undefined ? nothing : one, other === undefined ? nothing : other] };
}

/** CloudFormation's functions are values, not maps that could be chosen from member by member. */
function isMap(value: unknown): value is Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !Object.keys(value).some((name) => name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'));
}

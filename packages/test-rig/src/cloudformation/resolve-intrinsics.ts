/** Values by what a template calls them: `Stage` for a Ref, `Api.RootUrl` for a GetAtt. */
export type TemplateValues = Readonly<Record<string, unknown>>;

/**
 * The value with `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join`, `Fn::Split` and `Fn::Select` replaced, and with numbers and
 * booleans as text, as CloudFormation sends them. Throws where a value is missing: a template under test is to be complete.
 */
export function resolveIntrinsics(value: unknown, values: TemplateValues): unknown {
  if (Array.isArray(value)) return value.map((entry) => resolveIntrinsics(entry, values));
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : String(value);
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && name in functions) return functions[name]?.(argument, values);
  return Object.fromEntries(
    entries.filter(([, entry]) => !isNoValue(entry)).map(([key, entry]) => [key, resolveIntrinsics(entry, values)]),
  );
}

const functions: Readonly<Record<string, (argument: unknown, values: TemplateValues) => unknown>> = {
  Ref: (name, values) => getValue(String(name), values),
  'Fn::GetAtt': (argument, values) => getValue(Array.isArray(argument) ? argument.join('.') : String(argument), values),
  'Fn::Sub': (argument, values) => {
    const [text, own = {}] = (Array.isArray(argument) ? argument : [argument]) as [string, object?];
    const all = { ...values, ...(resolveIntrinsics(own, values) as object) };
    return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) =>
      literal ? `\${${name}}` : String(getValue(name.trim(), all)),
    );
  },
  'Fn::Join': (argument, values) => {
    const [separator, parts] = argument as [string, unknown];
    return (resolveIntrinsics(parts, values) as unknown[]).join(separator);
  },
  'Fn::Split': (argument, values) => {
    const [separator, text] = argument as [string, unknown];
    return String(resolveIntrinsics(text, values)).split(separator);
  },
  'Fn::Select': (argument, values) => {
    const [index, list] = argument as [number, unknown];
    return (resolveIntrinsics(list, values) as unknown[])[index];
  },
};

function getValue(name: string, values: TemplateValues): unknown {
  const value = values[name];
  if (value === undefined) throw new Error(`The template asks for ${name}, which the test doesn't give`);
  return value;
}

function isNoValue(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { Ref?: unknown }).Ref === 'AWS::NoValue';
}

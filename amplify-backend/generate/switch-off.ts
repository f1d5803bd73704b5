import { chooseByCondition, type Gen1Template } from './choose-by-condition.ts';

const idle = new Set(['LambdaFunction', 'LambdaExecutionRole', 'Logs']);

/**
 * The template with a condition on all that it makes besides the function that Amplify needs. Where that doesn't hold nothing
 * calls the function, and it may write its log and nothing else.
 */
export function switchOffUnless(condition: string, template: Gen1Template): Gen1Template {
  const kept = Object.entries(template.Resources).filter(([id]) => idle.has(id));
  const gone = new Set(Object.keys(template.Resources).filter((id) => !idle.has(id)));
  const off = Object.fromEntries(kept.map(([id, resource]) => [id, limitStatements(dropReferences(resource, gone))]));
  return chooseByCondition(condition, template, { Resources: off as Gen1Template['Resources'] });
}

/** Leaves out each member of a map or list that is a reference to what is gone. */
function dropReferences(value: unknown, gone: ReadonlySet<string>): unknown {
  const isKept = (member: unknown) => !(isFunction(member) && refersTo(member, gone));
  if (Array.isArray(value)) return value.filter(isKept).map((item) => dropReferences(item, gone));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => isKept(entry));
  return Object.fromEntries(entries.map(([name, entry]) => [name, dropReferences(entry, gone)]));
}

function limitStatements(resource: unknown): unknown {
  const { Type, Properties } = resource as { Type: string; Properties: { Policies?: readonly InlinePolicy[] } };
  if (Type !== 'AWS::IAM::Role') return resource;
  const Policies = Properties.Policies?.map((policy) => ({
    ...policy,
    PolicyDocument: {
      ...policy.PolicyDocument,
      Statement: policy.PolicyDocument.Statement.filter(({ Action }) => [Action].flat().includes('logs:PutLogEvents')),
    },
  }));
  return { ...(resource as object), Properties: { ...Properties, Policies } };
}

interface InlinePolicy {
  readonly PolicyDocument: { readonly Statement: readonly { readonly Action: string | readonly string[] }[] };
}

function refersTo(value: unknown, gone: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: readonly [string, string] };
  if (gone.has(Ref ?? attribute?.[0] ?? '')) return true;
  return Object.values(value).some((entry) => refersTo(entry, gone));
}

function isFunction(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(value).some((name) => name === 'Ref' || name.startsWith('Fn::'));
}

import type { ResourceDescription } from '@amplify-discovery/aws';
import {
  DefaultTokenResolver,
  Reference,
  Token,
  Tokenization,
  type CfnResource,
  type IPostProcessor,
  type IResolvable,
  type IResolveContext,
} from 'aws-cdk-lib';

export interface ResourceReader {
  describeResource(resource: CfnResource): ResourceDescription;
  describeValue(value: unknown, scope: CfnResource): unknown;
  /** A value that was described, as text with tokens, which CDK carries over to whatever stack uses it. */
  restoreValue(value: unknown): string;
}

/**
 * Reads what templates will say about resources, before they are written. A reference has the path of a construct in place
 * of a logical id, as those are unique in one stack only.
 */
export function createResourceReader(): ResourceReader {
  const references = new Map<string, IResolvable>();
  const resolver = new PathResolver(references);
  const describeValue = (value: unknown, scope: CfnResource): unknown =>
    Tokenization.resolve(value, { scope, resolver });

  function describeResource(resource: CfnResource): ResourceDescription {
    // What an aspect or an override changed is only in what CDK renders, which its type declarations leave out.
    const rendered = (resource as unknown as { _toCloudFormation(): object })._toCloudFormation();
    const { Resources } = describeValue(rendered, resource) as { Resources: Record<string, ResourceDescription> };
    return Object.values(Resources)[0] as ResourceDescription;
  }

  function restoreValue(value: unknown): string {
    if (typeof value === 'string') return value;
    const { 'Fn::Join': join } = value as { 'Fn::Join'?: [string, unknown[]] };
    if (join) return join[1].map(restoreValue).join(join[0]);
    return Token.asString(references.get(JSON.stringify(value)) ?? restoreInside(value));
  }

  function restoreInside(value: unknown): unknown {
    const known = references.get(JSON.stringify(value));
    if (known || typeof value !== 'object' || value === null) return known ?? value;
    if (Array.isArray(value)) return value.map(restoreInside);
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, restoreInside(entry)]));
  }

  return { describeResource, describeValue, restoreValue };
}

/** Writes a reference with the path of its target, and remembers which reference it was. */
class PathResolver extends DefaultTokenResolver {
  readonly #references: Map<string, IResolvable>;

  constructor(references: Map<string, IResolvable>) {
    super(new JoinConcat());
    this.#references = references;
  }

  override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (!Reference.isReference(token)) return super.resolveToken(token, context, postProcessor);
    const { path } = token.target.node;
    const written = token.displayName === 'Ref' ? { Ref: path } : { 'Fn::GetAtt': [path, token.displayName] };
    this.#references.set(JSON.stringify(written), token);
    return written;
  }
}

class JoinConcat {
  join(left: unknown, right: unknown): unknown {
    if (left === undefined || right === undefined) return left ?? right;
    return { 'Fn::Join': ['', [left, right]] };
  }
}

import { join } from 'node:path';
import { resolveIntrinsics, type TemplateValues } from './resolve-intrinsics.ts';
import type { Template } from './template.ts';

export interface LambdaFunction {
  readonly logicalId: string;
  /** The folder of its code. */
  readonly folder: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * The function in a synthesised template whose logical id begins with the given text, with its code in the assembly
 * folder (`cdk.out`) that the template came from.
 */
export function findLambdaFunction(
  template: Template,
  { logicalId, assemblyFolder, values = {} }: { logicalId: string; assemblyFolder: string; values?: TemplateValues },
): LambdaFunction {
  const found = Object.entries(template.Resources).find(
    ([name, { Type }]) => Type === 'AWS::Lambda::Function' && name.startsWith(logicalId),
  );
  const asset = found?.[1].Metadata?.['aws:asset:path'];
  if (!found || typeof asset !== 'string')
    throw new Error(`The template has no function ${logicalId} with a code asset`);
  const { Handler = 'index.handler', Environment = {}, Timeout = 3 } = found[1].Properties ?? {};
  const { Variables = {} } = resolveIntrinsics(Environment, values) as { Variables?: Record<string, string> };
  return {
    logicalId: found[0],
    folder: join(assemblyFolder, asset),
    handler: String(Handler),
    environment: Variables,
    timeoutMs: Number(Timeout) * 1000,
  };
}

import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { acknowledgeRule } from './acknowledge-rule.ts';

/** Acknowledges that a policy of the construct names a resource with a wildcard, with the reason. */
export function acknowledgeWildcard(construct: IConstruct, arn: string, reason: string): void {
  acknowledgeRule(construct, `IAM5[Resource::${describeReference(Stack.of(construct).resolve(arn))}]`, reason);
}

/** The value as cdk-nag writes it in the names of its findings: `<Bucket.Arn>/*`. */
function describeReference(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[intrinsic, argument] = ['', undefined]] = Object.entries(value);
  if (intrinsic === 'Ref') return `<${String(argument)}>`;
  if (intrinsic === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (intrinsic !== 'Fn::Join') return JSON.stringify(value);
  const [separator, parts] = argument as [string, unknown[]];
  return parts.map(describeReference).join(separator);
}

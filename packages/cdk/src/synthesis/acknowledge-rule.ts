import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Acknowledges a rule of cdk-nag's AWS Solutions pack that is not followed here, with the reason. */
export function acknowledgeRule(construct: IConstruct, rule: string, reason: string): void {
  try {
    Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
  } catch {
    // aws-cdk-lib 2.257 refuses names with a second `::`, as the findings about wildcards have. They show up there.
  }
}

/** An ARN of the stack's own account and region, as cdk-nag writes it in the names of its findings. */
export function describeArn(construct: IConstruct, service: string, resource: string): string {
  const { region, account } = Stack.of(construct);
  const write = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  return `arn:<AWS::Partition>:${service}:${write(region, 'Region')}:${write(account, 'AccountId')}:${resource}`;
}

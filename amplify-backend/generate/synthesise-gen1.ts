import { App, Stack, type CfnElement } from 'aws-cdk-lib';
import type { Gen1Template } from './choose-by-condition.ts';

/** What the Amplify CLI calls the function of a function resource, and its role. */
const amplifyNames: ReadonlyMap<string, string> = new Map([
  ['Function', 'LambdaFunction'],
  ['Role', 'LambdaExecutionRole'],
]);

/**
 * The resources and outputs of the construct that is created in the stack, as they would be deployed. Their logical ids are
 * their paths within the construct, for people to read.
 */
export function synthesiseGen1(create: (stack: Stack) => unknown): Gen1Template {
  const app = new App({ analyticsReporting: false, context: { 'aws:cdk:disable-stack-trace': true } });
  const stack = new Gen1Stack(app, 'Gen1');
  create(stack);
  const { Resources, Outputs } = app.synth().getStackByName(stack.stackName).template as Gen1Template;
  return { Resources, ...(Outputs && { Outputs }) };
}

class Gen1Stack extends Stack {
  protected override allocateLogicalId(element: CfnElement): string {
    const [, construct = '', ...path] = element.node.path.split('/');
    const name = (path.length > 0 ? path : [construct])
      .filter((id) => id !== 'Resource' && id !== 'Default')
      .map(toWord)
      .join('');
    return amplifyNames.get(name) ?? name;
  }
}

/** `invoke-function` is `InvokeFunction`. What CDK puts behind the name of a permission, the path of the function, goes. */
function toWord(id: string): string {
  return id
    .replace(/(?<=^AllowEventRule).*$/, '')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

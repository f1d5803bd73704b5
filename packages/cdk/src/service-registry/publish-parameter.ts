import { nameRegistryParameter, type RegistryParameter } from '@amplify-discovery/registry';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';

/** Publishes a value under the registry's name, as the SSM parameter that lookups read. */
export function publishParameter(scope: Construct, name: string, parameter: RegistryParameter, value: string): void {
  new StringParameter(scope, `Published${parameter.charAt(0).toUpperCase()}${parameter.slice(1)}`, {
    parameterName: nameRegistryParameter(name, parameter),
    stringValue: value,
    // It begins with a slash, which CDK can't see in a name that only the deployment knows.
    simpleName: false,
  });
}

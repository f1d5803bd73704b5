import { Fn } from 'aws-cdk-lib';

/** A template's parameter as text, for the constructs. */
export function parameter(name: string): string {
  return Fn.ref(name);
}

/** The parameter's value, or no value at all where the condition doesn't hold. */
export function parameterIf(condition: string, name: string): string {
  return Fn.conditionIf(condition, { Ref: name }, { Ref: 'AWS::NoValue' }).toString();
}

/** An output of `custom/discoveryRegistry`: Amplify names and passes the parameter for it. */
export function nameRegistryOutput(output: string): string {
  return `customdiscoveryRegistry${output}`;
}

/** A list of names between commas, or nothing. */
export function commaSeparated(pattern: string): string {
  return `(${pattern}(,${pattern})*)?`;
}

import type { Gen1Template } from './choose-by-condition.ts';

export interface FunctionTemplate {
  /** The resource's name in the category function. */
  readonly name: string;
  readonly description: string;
  /** The outputs of `custom/discoveryRegistry` that it takes, by the names of their parameters. */
  readonly fromRegistry: readonly string[];
  /** Its own parameters. */
  readonly parameters?: object;
  readonly template: Gen1Template;
}

/**
 * The template of a function in the form of the Amplify CLI, which packages the code, passes parameters and reads outputs by
 * names of its own.
 */
export function buildFunctionTemplate(given: FunctionTemplate): object {
  const { name, description, fromRegistry, parameters = {}, template } = given;
  const { LambdaFunction, ...others } = template.Resources;
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `${description} Generated.`,
    Parameters: {
      env: { Type: 'String' },
      deploymentBucketName: { Type: 'String' },
      s3Key: { Type: 'String' },
      ...Object.fromEntries(fromRegistry.map((parameter) => [parameter, { Type: 'String' }])),
      ...parameters,
    },
    ...(template.Conditions && { Conditions: template.Conditions }),
    Resources: {
      LambdaFunction: {
        ...LambdaFunction,
        Metadata: { 'aws:asset:path': './src', 'aws:asset:property': 'Code' },
        Properties: {
          ...(LambdaFunction?.Properties as object),
          FunctionName: { 'Fn::Sub': `${name}-\${env}` },
          Code: { S3Bucket: { Ref: 'deploymentBucketName' }, S3Key: { Ref: 's3Key' } },
        },
      },
      ...others,
    },
    Outputs: {
      Name: { Value: { Ref: 'LambdaFunction' } },
      Arn: { Value: { 'Fn::GetAtt': ['LambdaFunction', 'Arn'] } },
      Region: { Value: { Ref: 'AWS::Region' } },
      LambdaExecutionRole: { Value: { Ref: 'LambdaExecutionRole' } },
      ...template.Outputs,
    },
  };
}

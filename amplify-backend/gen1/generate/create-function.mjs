import { allow, createRole } from './create-role.mjs';
import { attribute, ref, sub } from './intrinsics.mjs';

/** What the Amplify CLI gives to the template of each of its functions. */
export const functionParameters = {
  env: { Type: 'String' },
  deploymentBucketName: { Type: 'String' },
  s3Key: { Type: 'String' },
};

/** What the Amplify CLI reads of the stack of each of its functions. */
export const functionOutputs = {
  Name: { Value: ref('LambdaFunction') },
  Arn: { Value: attribute('LambdaFunction', 'Arn') },
  Region: { Value: ref('AWS::Region') },
  LambdaExecutionRole: { Value: ref('LambdaExecutionRole') },
};

/** A function as the Amplify CLI packages it, with its role and its log. */
export function createFunction({ name, description, memorySize, timeoutSeconds, environment, statements }) {
  return {
    LambdaFunction: {
      Type: 'AWS::Lambda::Function',
      DependsOn: 'Logs',
      Metadata: { 'aws:asset:path': './src', 'aws:asset:property': 'Code' },
      Properties: {
        FunctionName: sub(`${name}-\${env}`),
        Description: description,
        Handler: 'index.handler',
        Runtime: 'nodejs22.x',
        Architectures: ['arm64'],
        MemorySize: memorySize,
        Timeout: timeoutSeconds,
        Role: attribute('LambdaExecutionRole', 'Arn'),
        Code: { S3Bucket: ref('deploymentBucketName'), S3Key: ref('s3Key') },
        Environment: { Variables: environment },
      },
    },
    LambdaExecutionRole: createRole('lambda.amazonaws.com', [
      ...statements,
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], attribute('Logs', 'Arn')),
    ]),
    Logs: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: sub(`/aws/lambda/${name}-\${env}`), RetentionInDays: 30 },
    },
  };
}

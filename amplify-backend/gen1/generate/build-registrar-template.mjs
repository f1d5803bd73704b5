import { createFunction, functionOutputs, functionParameters } from './create-function.mjs';
import { allow } from './create-role.mjs';
import { attribute, ref, sub } from './intrinsics.mjs';
import { publishParameter } from './publish-parameter.mjs';
import { describeRegistryParameters, fromRegistry, registryArn, registryName } from './registry-parameters.mjs';

/** `function/discoveryRegistrar`: the Lambda behind `Custom::ServiceEndpoint`. */
export function buildRegistrarTemplate(timing) {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The registrar: the Lambda behind Custom::ServiceEndpoint. Written by generate.mjs.',
    Parameters: {
      ...functionParameters,
      ...describeRegistryParameters('RegistryUrl', 'RegistryApiArn', 'RegistryName'),
    },
    Resources: {
      ...createFunction({
        name: 'discoveryRegistrar',
        description: 'Registers endpoints in the service registry for CloudFormation',
        memorySize: 256,
        timeoutSeconds: timing.functionTimeoutSeconds,
        environment: { REGISTRY_URL: fromRegistry('RegistryUrl'), REGISTRY_REGION: ref('AWS::Region') },
        statements: [
          allow(
            ['appsync:GraphQL'],
            ['registerEndpoint', 'deregisterEndpoint'].map((field) =>
              sub(`${registryArn}/types/Mutation/fields/${field}`),
            ),
          ),
          allow(
            ['appsync:GetGraphqlApi'],
            ['apis', '/v1/apis'].map((path) =>
              sub(`arn:\${AWS::Partition}:appsync:\${AWS::Region}:\${AWS::AccountId}:${path}/*`),
            ),
          ),
        ],
      }),
      DeliverOnce: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: ref('LambdaFunction'),
          Qualifier: '$LATEST',
          MaximumEventAgeInSeconds: timing.maximumEventAgeSeconds,
          MaximumRetryAttempts: timing.maximumRetryAttempts,
        },
      },
      PublishedServiceToken: publishParameter(registryName, 'service-token', attribute('LambdaFunction', 'Arn')),
    },
    Outputs: functionOutputs,
  };
}

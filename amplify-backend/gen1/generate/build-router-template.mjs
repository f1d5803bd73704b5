import { createFunction, functionOutputs, functionParameters } from './create-function.mjs';
import { allow } from './create-role.mjs';
import { attribute, equals, not, onlyIf, ref, sub } from './intrinsics.mjs';
import { describeRegistryParameters, fromRegistry, registryArn } from './registry-parameters.mjs';

const timeoutSeconds = 30;
const functionArn = attribute('LambdaFunction', 'Arn');

/**
 * `function/discoveryRouter`: a URL per service, as `DiscoveryRouter` of CDK serves it behind a function URL. A test holds
 * the two against each other. Amplify needs the function and its role either way; switched off nobody can call it.
 */
export function buildRouterTemplate() {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The router: forwards requests to services by name. Written by generate.mjs.',
    Parameters: {
      ...functionParameters,
      ...describeRegistryParameters('RegistryUrl', 'RegistryApiArn'),
      serve: {
        Type: 'String',
        Default: 'no',
        AllowedValues: ['no', 'iam', 'public'],
        Description: 'Who may call services through the router: nobody, callers who sign, everyone.',
      },
      stage: {
        Type: 'String',
        Default: '',
        AllowedPattern: listOf('[A-Za-z0-9._-]{1,128}'),
        Description: "Default: the environment's name. Further stages, after commas, serve what the first lacks.",
      },
      services: {
        Type: 'String',
        Default: '',
        AllowedPattern: listOf('[A-Za-z0-9._-]{1,128}'),
        Description: 'Comma-separated: the services that callers may reach. Default: every service of the stage.',
      },
      trustedHosts: {
        Type: 'String',
        Default: '',
        AllowedPattern: listOf('[A-Za-z0-9.*:-]{1,255}'),
        Description: "Comma-separated: hosts that the router may call. Default: AWS's API domains.",
      },
    },
    Conditions: {
      Serves: not(equals(ref('serve'), 'no')),
      ServesEveryone: equals(ref('serve'), 'public'),
      HasStage: not(equals(ref('stage'), '')),
      HasServices: not(equals(ref('services'), '')),
      HasTrustedHosts: not(equals(ref('trustedHosts'), '')),
    },
    Resources: {
      ...createFunction({
        name: 'discoveryRouter',
        description: 'Forwards requests to services by name',
        memorySize: 512,
        timeoutSeconds,
        environment: buildEnvironment(),
        statements: [onlyIf('Serves', allow(['appsync:GraphQL'], sub(`${registryArn}/types/Query/fields/snapshot`)))],
      }),
      ...buildUrl(),
    },
    Outputs: {
      ...functionOutputs,
      Url: { Condition: 'Serves', Description: 'Append {service}/{path}', Value: attribute('Url', 'FunctionUrl') },
    },
  };
}

function buildEnvironment() {
  // The router answers 504 before the function's own time is over.
  const timeoutMs = (timeoutSeconds - 1) * 1000;
  const quoted = { 'Fn::Join': ['","', { 'Fn::Split': [',', ref('services')] }] };
  const limited = sub(`{"services":["\${services}"],"timeoutMs":${timeoutMs}}`, { services: quoted });
  return {
    DISCOVERY_REGISTRY_URL: fromRegistry('RegistryUrl'),
    DISCOVERY_REGISTRY_REGION: ref('AWS::Region'),
    DISCOVERY_STAGE: { 'Fn::If': ['HasStage', ref('stage'), ref('env')] },
    DISCOVERY_ROUTER: { 'Fn::If': ['HasServices', limited, JSON.stringify({ timeoutMs })] },
    DISCOVERY_TRUSTED_HOSTS: onlyIf('HasTrustedHosts', ref('trustedHosts')),
  };
}

/** A function URL asks for both permissions. Callers who sign bring their own. */
function buildUrl() {
  const open = (Action, how) => ({
    Type: 'AWS::Lambda::Permission',
    Condition: 'ServesEveryone',
    Properties: { Action, FunctionName: functionArn, Principal: '*', ...how },
  });
  return {
    Url: {
      Type: 'AWS::Lambda::Url',
      Condition: 'Serves',
      Properties: {
        TargetFunctionArn: functionArn,
        AuthType: { 'Fn::If': ['ServesEveryone', 'NONE', 'AWS_IAM'] },
        InvokeMode: 'BUFFERED',
      },
    },
    UrlPermission: open('lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'NONE' }),
    InvokePermission: open('lambda:InvokeFunction', { InvokedViaFunctionUrl: true }),
  };
}

function listOf(pattern) {
  return `(${pattern}(,${pattern})*)?`;
}

import { Registrar } from '@amplify-discovery/cdk';
import { nameRegistryParameter } from '@amplify-discovery/registry';
import { Aws } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { nameRegistryOutput, parameter } from './amplify-parameters.ts';
import type { Gen1Resource, Gen1Template } from './choose-by-condition.ts';
import { buildFunctionTemplate } from './function-template.ts';
import { synthesiseGen1 } from './synthesise-gen1.ts';

const url = nameRegistryOutput('RegistryUrl');
const apiArn = nameRegistryOutput('RegistryApiArn');
const registryName = nameRegistryOutput('RegistryName');

/**
 * The registrar's role, which the registry knows by its name: it is deployed before the registrar. In every region, because
 * roles are the account's.
 */
export const registrarRoleName = 'discoveryRegistrar-${env}-${AWS::Region}';

/** `function/discoveryRegistrar`: the construct `Registrar`, and the parameter that publishes its token. */
export function buildRegistrarTemplate(): object {
  return buildFunctionTemplate({
    name: 'discoveryRegistrar',
    description: 'The registrar: the Lambda behind Custom::ServiceEndpoint.',
    fromRegistry: [url, apiArn, registryName],
    template: nameRole(
      synthesiseGen1((stack) => {
        const name = parameter(registryName);
        const registry = { url: parameter(url), region: Aws.REGION, apiArn: parameter(apiArn), name };
        const registrar = new Registrar(stack, 'Registrar', { registry });
        return new StringParameter(registrar, 'PublishedServiceToken', {
          parameterName: nameRegistryParameter(name, 'serviceToken'),
          stringValue: registrar.serviceToken,
          simpleName: false,
        });
      }),
    ),
  });
}

function nameRole({ Resources, ...others }: Gen1Template): Gen1Template {
  const { LambdaExecutionRole: role } = Resources;
  const Properties = { ...(role?.Properties as object), RoleName: { 'Fn::Sub': registrarRoleName } };
  return { ...others, Resources: { ...Resources, LambdaExecutionRole: { ...(role as Gen1Resource), Properties } } };
}

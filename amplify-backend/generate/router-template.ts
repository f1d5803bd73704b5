import { DiscoveryRouter, ServiceRegistry } from '@amplify-discovery/cdk';
import { Aws, Fn } from 'aws-cdk-lib';
import { commaSeparated, nameRegistryOutput, parameter, parameterIf } from './amplify-parameters.ts';
import { chooseByCondition, type Gen1Template } from './choose-by-condition.ts';
import { buildFunctionTemplate } from './function-template.ts';
import { switchOffUnless } from './switch-off.ts';
import { synthesiseGen1 } from './synthesise-gen1.ts';

const url = nameRegistryOutput('RegistryUrl');
const apiArn = nameRegistryOutput('RegistryApiArn');

/** `function/discoveryRouter`: the construct `DiscoveryRouter` behind a function URL, with what can be said in parameters. */
export function buildRouterTemplate(): object {
  const serving = chooseByCondition('ServesEveryone', buildFor('public'), buildFor('iam'));
  const { Resources, Outputs } = switchOffUnless('Serves', serving);
  const isGiven = (name: string) => ({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: name }, ''] }] });
  return buildFunctionTemplate({
    name: 'discoveryRouter',
    description: 'The router: forwards requests to services by name.',
    fromRegistry: [url, apiArn],
    parameters: {
      serve: {
        Type: 'String',
        Default: 'no',
        AllowedValues: ['no', 'iam', 'public'],
        Description: 'Who may call services through the router: no caller, callers who sign, every caller.',
      },
      stage: {
        Type: 'String',
        Default: '',
        AllowedPattern: commaSeparated('[A-Za-z0-9._-]{1,128}'),
        Description: "Default: the environment's name. Further stages, after commas, serve what the first lacks.",
      },
      services: {
        Type: 'String',
        Default: '',
        AllowedPattern: commaSeparated('[A-Za-z0-9._-]{1,128}'),
        Description: 'Comma-separated: the services that callers may reach. Default: every service of the stage.',
      },
      trustedHosts: {
        Type: 'String',
        Default: '',
        AllowedPattern: commaSeparated('[A-Za-z0-9.*:-]{1,255}'),
        Description: "Comma-separated: hosts that the router may call. Default: AWS's API domains.",
      },
    },
    template: {
      Conditions: {
        Serves: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'serve' }, 'no'] }] },
        ServesEveryone: { 'Fn::Equals': [{ Ref: 'serve' }, 'public'] },
        HasStage: isGiven('stage'),
        HasServices: isGiven('services'),
        HasTrustedHosts: isGiven('trustedHosts'),
      },
      Resources,
      ...(Outputs && { Outputs }),
    },
  });
}

/** Services stand within JSON, so a template without them is another one. */
function buildFor(access: 'iam' | 'public'): Gen1Template {
  // Each name between the quotation marks that JSON puts around the one text that CDK sees.
  const services = [Fn.join('","', Fn.split(',', parameter('services')))];
  return chooseByCondition('HasServices', synthesiseRouter(access, services), synthesiseRouter(access));
}

function synthesiseRouter(access: 'iam' | 'public', services?: readonly string[]): Gen1Template {
  return synthesiseGen1((stack) => {
    const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', {
      url: parameter(url),
      region: Aws.REGION,
      apiArn: parameter(apiArn),
      serviceToken: parameter('unused'),
    });
    return new DiscoveryRouter(stack, 'Router', {
      registry,
      access,
      services,
      stage: Fn.conditionIf('HasStage', { Ref: 'stage' }, { Ref: 'env' }).toString(),
      trustedHosts: [parameterIf('HasTrustedHosts', 'trustedHosts')],
    });
  });
}

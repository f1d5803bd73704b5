import { ServiceRegistry, StageAnnouncer } from '@amplify-discovery/cdk';
import { Aws } from 'aws-cdk-lib';
import { nameRegistryOutput, parameter } from './amplify-parameters.ts';
import { buildFunctionTemplate } from './function-template.ts';
import { switchOffUnless } from './switch-off.ts';
import { synthesiseGen1 } from './synthesise-gen1.ts';

const outputs = ['RegistryUrl', 'RegistryApiArn', 'TableArn', 'TableStreamArn'] as const;
const [url, apiArn, tableArn, tableStreamArn] = outputs.map(nameRegistryOutput) as [string, string, string, string];

/** `function/discoveryAnnouncer`: the construct `StageAnnouncer`, off unless the parameter says otherwise. */
export function buildAnnouncerTemplate(): object {
  const announced = synthesiseGen1((stack) => {
    const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', {
      url: parameter(url),
      region: Aws.REGION,
      apiArn: parameter(apiArn),
      table: { tableArn: parameter(tableArn), tableStreamArn: parameter(tableStreamArn) },
      serviceToken: parameter('unused'),
    });
    return new StageAnnouncer(stack, 'Announcer', { registry });
  });
  const { Resources } = switchOffUnless('Announces', announced);
  return buildFunctionTemplate({
    name: 'discoveryAnnouncer',
    description: 'Announces changes of the service registry where nothing is published.',
    fromRegistry: [url, apiArn, tableArn, tableStreamArn],
    parameters: {
      announce: {
        Type: 'String',
        Default: 'no',
        AllowedValues: ['no', 'yes'],
        Description: 'Whether changes are announced. With snapshots the publisher does it.',
      },
    },
    template: {
      Conditions: { Announces: { 'Fn::Equals': [{ Ref: 'announce' }, 'yes'] } },
      Resources,
    },
  });
}

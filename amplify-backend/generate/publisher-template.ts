import { ServiceRegistry, SnapshotPublisher } from '@amplify-discovery/cdk';
import { Aws } from 'aws-cdk-lib';
import { nameRegistryOutput, parameter } from './amplify-parameters.ts';
import { buildFunctionTemplate } from './function-template.ts';
import { switchOffUnless } from './switch-off.ts';
import { synthesiseGen1 } from './synthesise-gen1.ts';

const outputs = ['RegistryUrl', 'RegistryApiArn', 'RegistryName', 'TableArn', 'TableStreamArn'] as const;
const [url, apiArn, name, tableArn, tableStreamArn] = outputs.map(nameRegistryOutput) as [
  string,
  string,
  string,
  string,
  string,
];

/** `function/discoveryPublisher`: the construct `SnapshotPublisher`, with what can be said in parameters. */
export function buildPublisherTemplate(): object {
  const published = synthesiseGen1((stack) => {
    const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', {
      url: parameter(url),
      region: Aws.REGION,
      apiArn: parameter(apiArn),
      name: parameter(name),
      table: { tableArn: parameter(tableArn), tableStreamArn: parameter(tableStreamArn) },
      serviceToken: parameter('unused'),
    });
    return new SnapshotPublisher(stack, 'Snapshots', { registry, distribution: true });
  });
  const { Resources, Outputs } = switchOffUnless('Publishes', published);
  return buildFunctionTemplate({
    name: 'discoveryPublisher',
    description: 'The publisher: snapshots of the service registry in S3.',
    fromRegistry: [url, apiArn, name, tableArn, tableStreamArn],
    parameters: {
      publish: {
        Type: 'String',
        Default: 'no',
        AllowedValues: ['no', 'yes'],
        Description: 'Whether snapshots are published.',
      },
    },
    template: {
      Conditions: { Publishes: { 'Fn::Equals': [{ Ref: 'publish' }, 'yes'] } },
      Resources,
      ...(Outputs && { Outputs }),
    },
  });
}

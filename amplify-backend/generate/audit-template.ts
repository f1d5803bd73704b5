import { AuditLog, ServiceRegistry } from '@amplify-discovery/cdk';
import { Aws } from 'aws-cdk-lib';
import { nameRegistryOutput, parameter } from './amplify-parameters.ts';
import { buildFunctionTemplate } from './function-template.ts';
import { switchOffUnless } from './switch-off.ts';
import { synthesiseGen1 } from './synthesise-gen1.ts';

const outputs = ['RegistryUrl', 'TableArn', 'TableStreamArn'] as const;
const [url, tableArn, tableStreamArn] = outputs.map(nameRegistryOutput) as [string, string, string];

/** `function/discoveryAudit`: the construct `AuditLog`, on unless the parameter says otherwise. */
export function buildAuditTemplate(): object {
  const logged = synthesiseGen1((stack) => {
    const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Registry', {
      url: parameter(url),
      region: Aws.REGION,
      table: { tableArn: parameter(tableArn), tableStreamArn: parameter(tableStreamArn) },
      serviceToken: parameter('unused'),
    });
    return new AuditLog(stack, 'AuditLog', { registry });
  });
  const { Resources, Outputs } = switchOffUnless('Logs', logged);
  return buildFunctionTemplate({
    name: 'discoveryAudit',
    description: 'The log of changes of the service registry, in S3.',
    fromRegistry: [tableArn, tableStreamArn],
    parameters: {
      audit: {
        Type: 'String',
        Default: 'yes',
        AllowedValues: ['no', 'yes'],
        Description: 'Whether changes are logged.',
      },
    },
    template: {
      Conditions: { Logs: { 'Fn::Equals': [{ Ref: 'audit' }, 'yes'] } },
      Resources,
      ...(Outputs && { Outputs }),
    },
  });
}

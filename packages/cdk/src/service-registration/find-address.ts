import { planApiAddress, type ApiAddress } from '@amplify-discovery/aws';
import { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { createResourceReader } from './create-resource-reader.ts';

/** Which address of an API is registered, in the words of CDK. */
export type Address =
  | { readonly from: 'default' }
  | {
      readonly from: 'customDomain';
      readonly target: string;
      readonly host: string;
      /** What makes the domain lead to the API. */
      readonly dependsOn: readonly IConstruct[];
    }
  | Extract<ApiAddress, { readonly from: 'nowhere' }>;

/** What the rule looks at besides the API: stages, custom domains, and what maps the ones to the others. */
const considered = /^AWS::ApiGateway(V2)?::(RestApi|Api|Stage|DomainName(V2)?|BasePathMapping(V2)?|ApiMapping)$/;

/**
 * The address by the one rule for all kinds of API, from what the templates of the app will say. What an imported API says
 * isn't known here: its default address is taken to be on.
 */
export function findAddress(api: IConstruct, stageName: string): Address {
  const resource = api.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) return { from: 'default' };
  const reader = createResourceReader();
  const resources = api.node.root.node
    .findAll()
    .filter((node) => CfnResource.isCfnResource(node))
    .filter(({ cfnResourceType }) => considered.test(cfnResourceType));
  const byPath = new Map(resources.map((found) => [found.node.path, found]));
  const address = planApiAddress({
    resources: Object.fromEntries(resources.map((found) => [found.node.path, reader.describeResource(found)])),
    api: resource.node.path,
    stage: reader.describeValue(stageName, resource),
    write: 'pass the url of its custom domain as well',
  });
  if (address.from !== 'customDomain') return address;
  return {
    from: 'customDomain',
    target: reader.restoreValue(address.target),
    host: reader.restoreValue(address.domainName),
    dependsOn: address.dependsOn.flatMap((path) => byPath.get(path) ?? []),
  };
}

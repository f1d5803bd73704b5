import { CfnResource, Fn } from 'aws-cdk-lib';
import type { IFunction, IFunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { getRegion, type ApiDescription, type WebFunctionEndpointLike } from './api-description.ts';
import { createResourceReader } from './create-resource-reader.ts';

/** Its host says the rest, which the deployment alone knows: the registrar reads it there. */
export function describeWebFunction(api: IConstruct): ApiDescription | undefined {
  const endpoint = 'endpoint' in api ? api.endpoint : api;
  if (isWebFunctionEndpoint(endpoint)) return describeWebEndpoint(api, endpoint.domainName, endpoint.authType);
  const [resource, ...others] = api.node
    .findAll()
    .filter((node) => CfnResource.isCfnResource(node))
    .filter(({ cfnResourceType }) => cfnResourceType === 'AWS::Lambda::WebFunctionEndpoint');
  if (!resource) return undefined;
  const { Properties } = createResourceReader().describeResource(resource);
  const described = describeWebEndpoint(api, resource.getAtt('DomainName').toString(), Properties?.['AuthType']);
  return others.length === 0 ? described : { ...described, problem: 'it has several endpoints; pass one of them' };
}

function describeWebEndpoint(api: object, host: string, authType: unknown): ApiDescription {
  const authMode = authType === 'IamAuth' ? 'iam' : undefined;
  return { kind: 'http', target: `https://${host}`, host, region: getRegion(api), authMode };
}

export function describeFunctionUrl(api: IFunctionUrl): ApiDescription {
  const host = Fn.select(2, Fn.split('/', api.url));
  const authMode = api.authType === 'AWS_IAM' ? 'iam' : 'none';
  // Its own host says what is signed for; the domain of a distribution in front of it would not.
  return { kind: 'http', target: `https://${host}`, host, region: getRegion(api), signingService: 'lambda', authMode };
}

export function describeFunction(api: IFunction): ApiDescription {
  return {
    kind: 'function',
    target: api.functionArn,
    region: getRegion(api),
    authMode: 'iam',
  };
}

function isWebFunctionEndpoint(value: unknown): value is WebFunctionEndpointLike {
  return typeof value === 'object' && value !== null && 'endpointType' in value && 'domainName' in value;
}

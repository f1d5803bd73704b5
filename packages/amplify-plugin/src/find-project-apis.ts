import { DiscoveryError, type EndpointKind } from '@amplify-discovery/core';
import type { AmplifyMeta, AmplifyResource } from './amplify-context.ts';
import type { ApiOutput } from './discovery-plan.ts';
import { findResource } from './find-resource.ts';

/** An API of the project, pushed or not, and the output that will hold its target. */
export interface ProjectApi extends ApiOutput {
  /** Absent where only the target shows it. */
  readonly kind?: EndpointKind;
}

/** The output that the Amplify CLI gives to every stack of a service. It is known before the first push. */
export interface DefaultOutput {
  readonly attribute: string;
  readonly kind: EndpointKind;
  /** The logical id of an API of API Gateway in the template of its resource. */
  readonly logicalIdOf?: (resourceName: string) => string;
}

/** The output of a resource that holds the target, or undefined for one that is neither an API nor a function. */
export function findDefaultOutput(resource: AmplifyResource | undefined): DefaultOutput | undefined {
  switch (resource?.service ?? '') {
    case 'API Gateway':
      return { attribute: 'RootUrl', kind: 'rest', logicalIdOf: (resourceName) => resourceName };
    case 'ElasticContainer':
      // A container is behind an HTTP API, whatever it speaks.
      return resource?.apiType === 'GRAPHQL'
        ? { attribute: 'GraphQLAPIEndpointOutput', kind: 'graphql', logicalIdOf: () => 'Api' }
        : { attribute: 'RootUrl', kind: 'http', logicalIdOf: () => 'Api' };
    case 'AppSync':
      return { attribute: 'GraphQLAPIEndpointOutput', kind: 'graphql' };
    case 'Lambda':
      return { attribute: 'Arn', kind: 'function' };
    default:
      return undefined;
  }
}

/** The REST, GraphQL and container APIs and the functions of an Amplify project. */
export function findProjectApis(meta: AmplifyMeta): readonly ProjectApi[] {
  return ['api', 'function'].flatMap((category) =>
    Object.entries(meta[category] ?? {}).flatMap(([resourceName, resource]) => {
      const output = findDefaultOutput(resource);
      return output === undefined ? [] : [{ category, resourceName, attribute: output.attribute, kind: output.kind }];
    }),
  );
}

/**
 * The API that a name on the command line means: `orders`, `api/orders`, `function/orders`, or any output of any
 * resource, `custom/edge.Url`.
 *
 * @throws DiscoveryError `InvalidOptions` when no API has the name, or two have it.
 */
export function getProjectApi(meta: AmplifyMeta, name: string): ProjectApi {
  const [path = '', attribute] = name.split('.', 2);
  const slash = path.indexOf('/');
  const category = slash < 0 ? undefined : path.slice(0, slash);
  const resourceName = path.slice(slash + 1);

  if (attribute !== undefined && category !== undefined) {
    const resource = category === 'providers' ? undefined : findResource(meta, category, resourceName);
    const isParameterName = /^[A-Za-z0-9]+$/.test(`${category}${resourceName}${attribute}`);
    if (!isParameterName || resource === undefined) throw unknownApi(meta, name);
    // Whatever its address, an API stays what it is. A function's output may be its ARN or its URL.
    const kind = category === 'api' ? findDefaultOutput(resource)?.kind : undefined;
    return { category, resourceName, attribute, ...(kind !== undefined && { kind }) };
  }
  const found = findProjectApis(meta).filter(
    (api) => api.resourceName === resourceName && (category === undefined || api.category === category),
  );
  const [api, another] = found.length > 1 ? found.filter(({ category }) => category === 'api') : found;
  if (api === undefined || another !== undefined) throw unknownApi(meta, name);
  return api;
}

function unknownApi(meta: AmplifyMeta, name: string): DiscoveryError {
  const known = findProjectApis(meta).map(({ category, resourceName }) => `${category}/${resourceName}`);
  return new DiscoveryError(
    'InvalidOptions',
    `No API "${name}" in this project; it has ${known.length === 0 ? 'none: add one with amplify add api' : known.join(', ')}. ` +
      `Any other output is named category/resource.Output.`,
  );
}

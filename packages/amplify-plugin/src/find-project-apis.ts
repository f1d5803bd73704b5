import { DiscoveryError, type EndpointKind } from '@amplify-discovery/core';
import type { AmplifyMeta } from './amplify-context.ts';
import type { ApiOutput } from './discovery-plan.ts';

/** An API of the project, pushed or not, and the output that will hold its target. */
export interface ProjectApi extends ApiOutput {
  /** Absent where only the target will tell. */
  readonly kind?: EndpointKind;
}

/** The output that the Amplify CLI gives to every stack of a service. They are known before the first push. */
const outputs: Readonly<Record<string, Omit<ProjectApi, 'category' | 'resourceName'>>> = {
  'API Gateway': { attribute: 'RootUrl', kind: 'rest' },
  AppSync: { attribute: 'GraphQLAPIEndpointOutput', kind: 'graphql' },
  Lambda: { attribute: 'Arn', kind: 'function' },
};

/** The REST and GraphQL APIs and the functions of an Amplify project. */
export function findProjectApis(meta: AmplifyMeta): readonly ProjectApi[] {
  return ['api', 'function'].flatMap((category) =>
    Object.entries(meta[category] ?? {}).flatMap(([resourceName, { service = '' }]) => {
      const output = outputs[service];
      return output === undefined ? [] : [{ category, resourceName, ...output }];
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
    const resources = category !== 'providers' && Object.hasOwn(meta, category) ? meta[category] : {};
    const isParameterName = /^[A-Za-z0-9]+$/.test(`${category}${resourceName}${attribute}`);
    if (!isParameterName || !Object.hasOwn(resources ?? {}, resourceName)) throw unknownApi(meta, name);
    return { category, resourceName, attribute };
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

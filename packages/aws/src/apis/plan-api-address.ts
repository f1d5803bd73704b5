/** What a template says about one resource; values may be CloudFormation's own (`Ref`, `Fn::GetAtt`, `Fn::If` …). */
export interface ResourceDescription {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>> | undefined;
  readonly Condition?: string | undefined;
}

export interface ApiAddressOptions {
  /** Logical id → resource, of the template that has the API. */
  readonly resources: Readonly<Record<string, ResourceDescription>>;
  /** The logical id of the API. */
  readonly api: string;
  /**
   * The API's stage: its name, or a reference to it. Custom domains are mapped to stages.
   *
   * @default any stage
   */
  readonly stage?: unknown;
  /** What to write where no address can be determined, at the end of the problem: `give target: URL`. */
  readonly write: string;
}

/** Which address of an API is registered. */
export type ApiAddress =
  | { readonly from: 'default' }
  | {
      readonly from: 'customDomain';
      /** Text, or a CloudFormation value that comes to text. */
      readonly target: unknown;
      readonly domainName: unknown;
      /** The logical ids of what makes the domain lead to the API: callers are sent there only once it does. */
      readonly dependsOn: readonly string[];
    }
  | { readonly from: 'nowhere'; readonly problem: string };

/**
 * The one rule for every kind of API: its default address is registered, unless it is switched off. Then its custom
 * domain is registered, and where the template has no such domain, or several, the deployment is refused.
 *
 * Only API Gateway can switch the default address off: `DisableExecuteApiEndpoint` of REST, HTTP and WebSocket APIs, or
 * `x-amazon-apigateway-endpoint-configuration` in a specification that the template has in full. AppSync APIs, function
 * URLs and web functions keep theirs beside a custom domain.
 */
export function planApiAddress({ resources, api, stage, write }: ApiAddressOptions): ApiAddress {
  const resource = findResource(resources, api);
  if (!resource) return { from: 'nowhere', problem: `the template has no resource ${JSON.stringify(api)}; ${write}` };
  const off = isDefaultOff(resource);
  if (off === 'no') return { from: 'default' };
  const why =
    off === 'yes'
      ? 'its default address is switched off (DisableExecuteApiEndpoint)'
      : 'only the deployment decides whether its default address is switched off (DisableExecuteApiEndpoint)';

  const mappings = findMappings(resources, api).filter((mapping) => isStage(mapping, stage, resources));
  const [mapping, another] = mappings;
  if (!mapping) return { from: 'nowhere', problem: `${why}, and no custom domain is mapped to it here; ${write}` };
  if (another) {
    const ids = mappings.map(({ id }) => id).join(', ');
    return { from: 'nowhere', problem: `${why}, and several custom domains are mapped to it (${ids}); ${write}` };
  }
  const { id, domain, path } = mapping;
  const conditions = [findResource(resources, id)?.Condition, domain.resource?.Condition];
  if (conditions.some((condition) => condition !== undefined && condition !== resource.Condition)) {
    return {
      from: 'nowhere',
      problem: `${why}, and only the deployment decides whether ${id} maps a custom domain to it; ${write}`,
    };
  }
  if (domain.resource?.Properties?.['RoutingMode'] === 'ROUTING_RULE_ONLY') {
    return { from: 'nowhere', problem: `${why}, and routing rules decide what its custom domain leads to; ${write}` };
  }
  const stageInPath = mapping.stage === undefined ? (nameStage(stage, resources) ?? stage) : undefined;
  if (mapping.stage === undefined && stageInPath === undefined) {
    return { from: 'nowhere', problem: `${why}, and ${id} maps no stage, so callers have to name it; ${write}` };
  }
  const scheme = resource.Properties?.['ProtocolType'] === 'WEBSOCKET' ? 'wss' : 'https';
  const segments = [path, stageInPath].filter((segment) => segment !== undefined);
  return {
    from: 'customDomain',
    target: joinText([`${scheme}://`, domain.name, ...segments.flatMap((segment) => ['/', segment])]),
    domainName: domain.name,
    dependsOn: [id],
  };
}

type Resources = ApiAddressOptions['resources'];
type Values = Readonly<Record<string, unknown>>;

interface Mapping {
  readonly id: string;
  /** Undefined: the mapping leaves the stage to the path of each request. */
  readonly stage: unknown;
  readonly path: unknown;
  readonly domain: { readonly name: unknown; readonly resource: ResourceDescription | undefined };
}

function findResource(resources: Resources, id: string): ResourceDescription | undefined {
  return Object.hasOwn(resources, id) ? resources[id] : undefined;
}

/** `unknown`: a CloudFormation value that only the deployment knows. */
function isDefaultOff({ Type, Properties = {} }: ResourceDescription): 'yes' | 'no' | 'unknown' {
  if (Type !== 'AWS::ApiGateway::RestApi' && Type !== 'AWS::ApiGatewayV2::Api') return 'no';
  const switches = [Properties['DisableExecuteApiEndpoint'], ...findSpecifiedSwitches(Properties['Body'])].map(
    (value) => (isObject(value) ? 'unknown' : String(value) === 'true' ? 'yes' : 'no'),
  );
  return switches.includes('yes') ? 'yes' : switches.includes('unknown') ? 'unknown' : 'no';
}

/** OpenAPI 2 has the extension at its top, OpenAPI 3 in its servers. */
function findSpecifiedSwitches(body: unknown): unknown[] {
  if (!isObject(body)) return [];
  const servers = Array.isArray(body['servers']) ? (body['servers'] as unknown[]) : [];
  return [body, ...servers].map((place) => {
    const extension = isObject(place) ? place['x-amazon-apigateway-endpoint-configuration'] : undefined;
    return isObject(extension) ? extension['disableExecuteApiEndpoint'] : undefined;
  });
}

function findMappings(resources: Resources, api: string): Mapping[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties = {} }]): Mapping[] => {
    const { RestApiId, ApiId, DomainName, DomainNameArn, BasePath, ApiMappingKey, Stage } = Properties;
    switch (Type) {
      case 'AWS::ApiGateway::BasePathMapping':
      case 'AWS::ApiGateway::BasePathMappingV2': {
        if (findReference(RestApiId) !== api) return [];
        const domain = describeDomain(DomainName ?? DomainNameArn, resources);
        return domain ? [{ id, stage: Stage, path: readPath(BasePath), domain }] : [];
      }
      case 'AWS::ApiGatewayV2::ApiMapping': {
        if (findReference(ApiId) !== api) return [];
        const domain = describeDomain(DomainName, resources);
        return domain ? [{ id, stage: Stage, path: readPath(ApiMappingKey), domain }] : [];
      }
      default:
        return [];
    }
  });
}

/** A mapping names its domain by text, by a reference to it, or by its ARN, which is good for a name only with its resource. */
function describeDomain(value: unknown, resources: Resources): Mapping['domain'] | undefined {
  const resource = findResource(resources, findReference(value) ?? '');
  const name = resource?.Properties?.['DomainName'] ?? value;
  const isName = typeof name === 'string' ? name !== '' && !name.startsWith('arn:') : isObject(name);
  return isName ? { name, resource } : undefined;
}

/** `(none)` is API Gateway's own word for an empty base path. YAML reads `v: 1` as a number. */
function readPath(path: unknown): unknown {
  if (path === '' || path === '(none)' || path == null) return undefined;
  return typeof path === 'number' ? String(path) : path;
}

function isStage(mapping: Mapping, stage: unknown, resources: Resources): boolean {
  if (stage === undefined || mapping.stage === undefined) return true;
  const [one, other] = [mapping.stage, stage].map((value) => nameStage(value, resources) ?? value);
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The name of a stage as far as the template has it: a stage's `Ref` is its name. */
function nameStage(stage: unknown, resources: Resources): string | undefined {
  if (typeof stage === 'string') return stage;
  const { StageName } = findResource(resources, findReference(stage) ?? '')?.Properties ?? {};
  return typeof StageName === 'string' ? StageName : undefined;
}

/** The logical id that a value refers to by `Ref` or `Fn::GetAtt`. */
function findReference(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { Ref, 'Fn::GetAtt': attribute } = value;
  const id: unknown = Ref ?? (typeof attribute === 'string' ? attribute.split('.')[0] : (attribute as unknown[])?.[0]);
  return typeof id === 'string' ? id : undefined;
}

function joinText(parts: readonly unknown[]): unknown {
  return parts.every((part) => typeof part === 'string') ? parts.join('') : { 'Fn::Join': ['', parts] };
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}

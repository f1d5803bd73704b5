import { createHash } from 'node:crypto';
import { DiscoveryError } from '@amplify-discovery/core';
import { formatRenewedOn, registrarTiming } from '@amplify-discovery/registrar';
import { nameRegistryParameter } from '@amplify-discovery/registry';
import { describeEndpoint, type CompiledService } from './describe-endpoint.ts';
import type { EndpointConfig } from './endpoint-config.ts';
import type { DiscoveryConfig, RegistrarReference } from './read-config.ts';
import type { TemplateResource } from './template.ts';

/** What is to be added to the compiled template. */
export interface ResourcePlan {
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

const registrarParameter = 'DiscoveryRegistrar';

/**
 * The custom resources that register the configured endpoints in a deployment at this time.
 *
 * @throws DiscoveryError `InvalidOptions` when the template has no such API, or has something under our names.
 */
export function planResources(config: DiscoveryConfig, service: CompiledService, now: Date): ResourcePlan {
  const { template } = service;
  const resources = config.endpoints.map((endpoint): [string, TemplateResource] => [
    nameResource(config.registrar, endpoint),
    createResource(config, endpoint, { service, now }),
  ]);
  const Parameters = createParameters(config.registrar);
  const taken = [...resources.map(([id]) => id), ...Object.keys(Parameters)].find(
    (id) => Object.hasOwn(template.Resources, id) || Object.hasOwn(template.Parameters ?? {}, id),
  );
  if (taken !== undefined)
    throw new DiscoveryError('InvalidOptions', `The template has something else named ${taken}: rename it`);
  return { Parameters, Resources: Object.fromEntries(resources) };
}

/**
 * The logical id of a registration. It is part of the endpoint's owner, so it follows from nothing that may change while
 * the endpoint stays the same. Another registrar means another id, because CloudFormation refuses to change the service
 * token of a custom resource: this way it registers there and then de-registers here.
 */
export function nameResource(registrar: RegistrarReference, { service, id }: EndpointConfig): string {
  const words = service.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  const place = registrar.by === 'name' ? [registrar.name, registrar.alias] : registrar.value;
  const hash = createHash('sha256')
    .update(JSON.stringify([place, service, id]))
    .digest('hex')
    .slice(0, 8);
  return `Discovery${words.join('').slice(0, 200)}${hash}`;
}

function createResource(
  config: DiscoveryConfig,
  endpoint: EndpointConfig,
  { service: compiled, now }: { readonly service: CompiledService; readonly now: Date },
): TemplateResource {
  const { properties, dependsOn, condition } = describeEndpoint(endpoint, compiled);
  const {
    service,
    id,
    kind,
    region,
    signingService,
    authMode,
    version,
    tenant,
    priority,
    weight,
    public: isPublic,
    metadata,
    expiresAt,
    renew,
    takeover,
  } = endpoint;
  const given = {
    Id: id,
    Kind: kind,
    Region: region,
    SigningService: signingService,
    AuthMode: authMode,
    Version: version,
    Tenant: tenant,
    Priority: priority,
    Weight: weight,
    Public: isPublic,
    Metadata: metadata,
    ExpiresAt: expiresAt,
    Takeover: takeover,
    RenewedOn: renew === true ? formatRenewedOn(now) : undefined,
  };
  return {
    Type: 'Custom::ServiceEndpoint',
    Properties: {
      ServiceToken: createServiceToken(config.registrar),
      ServiceTimeout: registrarTiming.serviceTimeoutSeconds,
      Service: service,
      Stage: config.stage,
      ...properties,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    },
    ...(dependsOn.length > 0 && { DependsOn: dependsOn }),
    ...(condition !== undefined && { Condition: condition }),
  };
}

/** A parameter, because CloudFormation then reads the registry's current value at each deployment. */
function createParameters(registrar: RegistrarReference): Readonly<Record<string, unknown>> {
  if (registrar.by === 'value') return {};
  return {
    [registrarParameter]: {
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: nameRegistryParameter(registrar.name, 'serviceToken'),
      Description: `The registrar of the amplify-discovery registry "${registrar.name}"`,
    },
  };
}

function createServiceToken(registrar: RegistrarReference): unknown {
  if (registrar.by === 'value') return registrar.value;
  const { alias } = registrar;
  return alias === undefined ? { Ref: registrarParameter } : { 'Fn::Sub': `\${${registrarParameter}}:${alias}` };
}

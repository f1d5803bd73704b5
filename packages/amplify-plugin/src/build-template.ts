import { createHash } from 'node:crypto';
import { registrarTiming } from '@amplify-discovery/registrar';
import { nameRegistryParameter, type RegistryParameter } from '@amplify-discovery/registry';
import type { AmplifyDependency } from './amplify-context.ts';
import type { ApiOutput, DiscoveryPlan, Registration, RegistryReference, SnapshotReference } from './discovery-plan.ts';

/** A CloudFormation template as JSON. */
export interface Template {
  readonly Description?: string;
  readonly Metadata: { readonly AmplifyDiscovery: { readonly plan: DiscoveryPlan; readonly digest: string } };
  readonly Resources: Readonly<Record<string, object>>;
  readonly [section: string]: unknown;
}

/**
 * The parameter that holds the day of the last renewing push. It is always declared, because CloudFormation refuses a value for a
 * parameter that a template doesn't have.
 */
export const renewalParameter = 'renewedOn';

/** The template of the project's custom category: one `Custom::ServiceEndpoint` for each registration. */
export function buildTemplate(plan: DiscoveryPlan): Template {
  const body = {
    AWSTemplateFormatVersion: '2010-09-09',
    Parameters: buildParameters(plan),
    ...buildConditions(plan),
    Resources: Object.fromEntries(
      plan.registrations.map((registration) => [
        logicalIdOf(plan, registration),
        { Type: 'Custom::ServiceEndpoint', Properties: buildProperties(plan, registration) },
      ]),
    ),
    Outputs: buildOutputs(plan),
  };
  return { ...body, Metadata: { AmplifyDiscovery: { plan, digest: digestOf(body, plan) } } };
}

/**
 * A digest of a template's content, whatever its key order and white space: it changes when someone edits the template by
 * hand. The description is left out, because the Amplify CLI writes its own into the file at the first push.
 */
export function digestOf(body: object, plan: DiscoveryPlan): string {
  return createHash('sha256')
    .update(JSON.stringify([sortKeys({ ...body, Description: undefined }), sortKeys(plan)]))
    .digest('hex');
}

/** The outputs of other stacks that the template takes as parameters, in the form of `dependsOn`. */
export function buildDependsOn(plan: DiscoveryPlan): readonly AmplifyDependency[] {
  const byResource = new Map<string, AmplifyDependency>();
  for (const { category, resourceName, attribute } of plan.registrations.map(({ api }) => api)) {
    const attributes = byResource.get(`${category}/${resourceName}`)?.attributes ?? [];
    byResource.set(`${category}/${resourceName}`, {
      category,
      resourceName,
      attributes: [...new Set([...attributes, attribute])],
    });
  }
  return [...byResource.values()];
}

/**
 * A registration's logical id. It is part of the endpoint's owner, so it depends on nothing that may change while the
 * endpoint stays the same. Another registry means another logical id, because CloudFormation refuses an update that
 * changes a custom resource's service token: this way it creates there and then deletes here.
 */
export function logicalIdOf({ registry }: DiscoveryPlan, { service, id }: Registration): string {
  const words = service.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  const place = registry.by === 'name' ? [registry.name, registry.alias ?? ''] : [registry.registrarArn];
  const hash = createHash('sha256')
    .update(JSON.stringify([place, service, id]))
    .digest('hex')
    .slice(0, 8);
  return `${words.join('').slice(0, 200)}${hash}`;
}

function buildParameters({ registry, snapshot, registrations }: DiscoveryPlan): object {
  return {
    env: { Type: 'String' },
    [renewalParameter]: { Type: 'String', Default: '' },
    ...buildRegistryParameters(registry),
    ...(snapshot !== undefined && buildSnapshotParameters(snapshot, registry)),
    ...Object.fromEntries(registrations.map(({ api }) => [parameterOf(api), { Type: 'String' }])),
  };
}

/** Parameters, so that `team-provider-info.json` can give an environment another registry. */
function buildRegistryParameters(registry: RegistryReference): object {
  const withKey = registry.auth === 'apiKey';
  if (registry.by === 'values') {
    const { registrarArn, url, apiKey } = registry;
    const text = (Default: string | undefined) => ({ Type: 'String', Default });
    return {
      registrarArn: text(registrarArn),
      registryUrl: text(url),
      ...(withKey && { registryApiKey: text(apiKey) }),
    };
  }
  return {
    registrarArn: published(registry.name, 'serviceToken'),
    registryUrl: published(registry.name, 'url'),
    ...(withKey && { registryApiKey: published(registry.name, 'apiKey') }),
  };
}

function buildSnapshotParameters(snapshot: SnapshotReference, registry: RegistryReference): object {
  if (snapshot.by === 'values') {
    const { url, keys } = snapshot;
    return { snapshotUrl: { Type: 'String', Default: url }, snapshotKeys: { Type: 'String', Default: keys } };
  }
  if (registry.by === 'values') return {};
  return {
    snapshotUrl: published(registry.name, 'snapshotUrl'),
    snapshotKeys: published(registry.name, 'snapshotKeys'),
  };
}

/** What a registry publishes under its name, as a parameter that CloudFormation looks up at each push. */
function published(registryName: string, value: RegistryParameter): object {
  return {
    Type: 'AWS::SSM::Parameter::Value<String>',
    Default: nameRegistryParameter(registryName, value),
  };
}

/** Amplify passes an output of another category's stack under this name. */
function parameterOf({ category, resourceName, attribute }: ApiOutput): string {
  return `${category}${resourceName}${attribute}`;
}

function buildConditions({ stages }: DiscoveryPlan): object {
  const conditions = Object.keys(stages).map((env) => [conditionOf(env), { 'Fn::Equals': [{ Ref: 'env' }, env] }]);
  return conditions.length > 0 ? { Conditions: Object.fromEntries(conditions) as object } : {};
}

function conditionOf(env: string): string {
  return `IsEnv${env.slice(0, 1).toUpperCase()}${env.slice(1)}`;
}

function buildStage({ stages }: DiscoveryPlan): object {
  return Object.entries(stages).reduce<object>(
    (otherwise, [env, stage]) => ({ 'Fn::If': [conditionOf(env), stage, otherwise] }),
    { Ref: 'env' },
  );
}

function buildProperties(plan: DiscoveryPlan, registration: Registration): object {
  const {
    service,
    id,
    kind,
    api,
    signingService,
    authMode,
    version,
    tenant,
    priority,
    weight,
    metadata,
    renew,
    takeover,
  } = registration;
  return {
    ServiceToken: buildServiceToken(plan.registry),
    ServiceTimeout: registrarTiming.serviceTimeoutSeconds,
    Service: service,
    Stage: buildStage(plan),
    Id: id,
    ...(kind !== undefined && { Kind: kind }),
    Target: { Ref: parameterOf(api) },
    Region: { Ref: 'AWS::Region' },
    ...(signingService !== undefined && { SigningService: signingService }),
    ...(authMode !== undefined && { AuthMode: authMode }),
    ...(version !== undefined && { Version: version }),
    ...(tenant !== undefined && { Tenant: tenant }),
    ...(priority !== undefined && { Priority: priority }),
    ...(weight !== undefined && { Weight: weight }),
    ...(isPublic(registration) && { Public: true }),
    ...(metadata !== undefined && { Metadata: metadata }),
    ...(takeover === true && { Takeover: true }),
    ...(renew !== false && { RenewedOn: { Ref: renewalParameter } }),
  };
}

/** A project's own APIs are public unless it says otherwise, so that its app finds them in the public snapshot. An ARN can't be. */
export function isPublic({ kind, public: isPublic }: Registration): boolean {
  return isPublic ?? (kind !== 'function' && kind !== 'resource');
}

function buildServiceToken(registry: RegistryReference): object {
  const arn = { Ref: 'registrarArn' };
  return registry.by === 'name' && registry.alias !== undefined ? { 'Fn::Join': [':', [arn, registry.alias]] } : arn;
}

/** After a push the exports file is written from these outputs alone. */
function buildOutputs(plan: DiscoveryPlan): object {
  const { registry, snapshot, trustedHosts, strictHosts, live } = plan;
  const hosts = strictHosts ? trustedHosts : [...trustedHosts, 'aws'];
  return {
    Stage: { Value: buildStage(plan) },
    RegistryUrl: { Value: { Ref: 'registryUrl' } },
    RegistryRegion: { Value: { Ref: 'AWS::Region' } },
    RegistryAuthMode: { Value: registry.auth },
    ...(registry.auth === 'apiKey' && { RegistryApiKey: { Value: { Ref: 'registryApiKey' } } }),
    ...(snapshot !== undefined && {
      SnapshotUrl: { Value: { Ref: 'snapshotUrl' } },
      SnapshotKeys: { Value: { Ref: 'snapshotKeys' } },
    }),
    ...(trustedHosts.length > 0 && { TrustedHosts: { Value: hosts.join(',') } }),
    ...(live && { Live: { Value: 'true' } }),
  };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sortKeys(entry)]),
  );
}

import { formatRenewedOn, registrarTiming } from '@amplify-discovery/registrar';
import { describeReaders } from '@amplify-discovery/registry';
import { Annotations, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { getStage } from '../stage/get-stage.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import { checkProperties, type EndpointProperties } from './check-properties.ts';
import type { ApiDescription } from './api-description.ts';
import { describeApi } from './describe-api.ts';
import { findHost } from './find-host.ts';
import type { EndpointOptions, ServiceRegistrationProps } from './service-registration-props.ts';

/**
 * Registers one API under a service name as part of the deployment: the deployment fails when that fails, and removing
 * the construct or the stack de-registers exactly this registration.
 *
 * @example
 * ```ts
 * new ServiceRegistration(stack, 'Users', { registry, service: 'user-management-service', api });
 * ```
 */
export class ServiceRegistration extends Construct {
  readonly service: string;
  readonly stage: string;
  /** The host of the target, for lists of trusted hosts; undefined for ARNs and for APIs that are registered by id. */
  readonly host: string | undefined;
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: ServiceRegistrationProps) {
    super(scope, id);
    const { registry, service, stage = registry.defaultStage ?? getStage(this), ...endpoint } = props;
    const description = this.#describe(endpoint);
    const properties = makeProperties(service, stage, description, endpoint);
    checkProperties(this, properties, Stack.of(this).region);
    this.service = service;
    this.stage = stage;
    this.host = description.host;
    Annotations.of(this).addInfoV2(
      '@amplify-discovery/cdk:readers',
      `${service} in ${stage}. ${describeReaders(endpoint.public ?? false)}`,
    );
    this.resource = new CustomResource(this, 'Endpoint', {
      resourceType: 'Custom::ServiceEndpoint',
      serviceToken: registry.serviceToken,
      serviceTimeout: Duration.seconds(registrarTiming.serviceTimeoutSeconds),
      properties: { ...properties },
    });
    // Registered when all of the API and the registrar is there, removed before any of it goes.
    if (registry.registrar) this.node.addDependency(registry.registrar);
    if (props.api) this.node.addDependency(props.api);
    if (description.dependsOn) this.node.addDependency(...description.dependsOn);
    this.node.addValidation({ validate: () => this.#findChanges(endpoint, description) });
  }

  #describe({ api, url, arn }: EndpointOptions): Partial<ApiDescription> {
    if (arn !== undefined && (api ?? url) !== undefined)
      refuseConstruct(this, 'arn: give either the arn, or api or url');
    const own = arn === undefined ? url !== undefined && { target: url, host: findHost(url) } : { target: arn };
    if (!api) return own || refuseConstruct(this, 'api: give the api, its url or an arn');
    const description = describeApi(api);
    if (own) return { ...description, ...own };
    if (!description) refuseConstruct(this, 'api: this construct cannot be registered as it is; pass its url or arn');
    return description.problem === undefined ? description : refuseConstruct(this, `api: ${description.problem}`);
  }

  /** Aspects, overrides and what is defined later can move an API after it was registered. */
  #findChanges({ api, url }: EndpointOptions, registered: Partial<ApiDescription>): string[] {
    const now = api && url === undefined ? describeApi(api) : undefined;
    if (!now) return [];
    if (now.problem !== undefined) return [`api: ${now.problem}`];
    const describe = ({ target }: Partial<ApiDescription>) => JSON.stringify(Stack.of(this).resolve(target));
    return describe(now) === describe(registered)
      ? []
      : ['api: its address changed after it was registered; register it last, or pass its url'];
  }
}

function makeProperties(
  service: string,
  stage: string,
  { kind, target, graphqlApiId, region, signingService, authMode }: Partial<ApiDescription>,
  options: EndpointOptions,
): EndpointProperties {
  return {
    Service: service,
    Stage: stage,
    Id: options.id,
    Kind: options.kind ?? kind,
    Target: target,
    GraphqlApiId: target === undefined ? graphqlApiId : undefined,
    Region: options.region ?? region,
    SigningService: options.signingService ?? signingService,
    AuthMode: options.authMode ?? authMode,
    Version: options.version,
    Tenant: options.tenant,
    Priority: options.priority,
    Weight: options.weight,
    Public: options.public,
    Metadata: options.metadata,
    ExpiresAt: options.expiresAt?.toISOString(),
    Takeover: options.takeover,
    RenewedOn: options.renew === true ? formatRenewedOn(new Date()) : undefined,
  };
}

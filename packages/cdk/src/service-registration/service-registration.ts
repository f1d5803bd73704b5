import type { AuthMode, EndpointKind } from '@amplify-discovery/core';
import { registrarTiming } from '@amplify-discovery/registrar';
import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { checkProperties, type EndpointProperties } from './check-properties.ts';
import { describeApi, findHost, type ApiDescription, type RegistrableApi } from './describe-api.ts';
import { getStage } from '../stage/get-stage.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { IServiceRegistry } from '../service-registry/registry-reference.ts';

/** What is registered: an API construct, a URL or an ARN. */
export interface EndpointOptions {
  /**
   * The API, from which target, kind, region, signing service and auth mode follow. With `url` it gives only the others.
   *
   * @default none: `url` or `arn` is needed.
   */
  readonly api?: RegistrableApi | undefined;
  /**
   * An absolute https URL: of a custom domain, or of an API that isn't AWS's.
   *
   * @default that of the api.
   */
  readonly url?: string | undefined;
  /**
   * The ARN of anything that is called by ARN.
   *
   * @default none
   */
  readonly arn?: string | undefined;
  /**
   * What answers at the target.
   *
   * @default derived from the api, else by the registrar from the target.
   */
  readonly kind?: EndpointKind | undefined;
  /**
   * The region that SigV4 signs for.
   *
   * @default derived from the api, else by the registrar from the target, else the stack's region.
   */
  readonly region?: string | undefined;
  /**
   * The service name that SigV4 signs for.
   *
   * @default derived from the api, else by the registrar from target and kind.
   */
  readonly signingService?: string | undefined;
  /**
   * How callers are expected to authenticate. Advice: the calling code decides.
   *
   * @default derived from the api where it has one mode for all.
   */
  readonly authMode?: AuthMode | undefined;
  /**
   * Tells several endpoints of one service in one stage apart: a region, a canary.
   *
   * @default 'default'
   */
  readonly id?: string | undefined;
  /**
   * Semantic version, `1.4.2`.
   *
   * @default none
   */
  readonly version?: string | undefined;
  /**
   * The tenant that the endpoint belongs to.
   *
   * @default none: for all callers that name no tenant.
   */
  readonly tenant?: string | undefined;
  /**
   * Share of traffic among the endpoints that match, 0 to 1000.
   *
   * @default 100
   */
  readonly weight?: number | undefined;
  /**
   * A few short texts for people and tools.
   *
   * @default none
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * When the endpoint stops being found, for previews.
   *
   * @default never
   */
  readonly expiresAt?: Date | undefined;
  /**
   * Replace a registration that another stack holds, instead of failing the deployment.
   *
   * @default false
   */
  readonly takeover?: boolean | undefined;
}

export interface ServiceRegistrationProps extends EndpointOptions {
  readonly registry: IServiceRegistry;
  /** The name that callers use. */
  readonly service: string;
  /**
   * The environment.
   *
   * @default the registry's `defaultStage`, then the context values `amplify-discovery:stage` and `amplify-backend-name`.
   */
  readonly stage?: string | undefined;
}

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
    this.resource = new CustomResource(this, 'Endpoint', {
      resourceType: 'Custom::ServiceEndpoint',
      serviceToken: registry.serviceToken,
      serviceTimeout: Duration.seconds(registrarTiming.serviceTimeoutSeconds),
      properties: { ...properties },
    });
    // Registered when all of the API and the registrar is there, removed before any of it goes.
    if (registry.registrar) this.node.addDependency(registry.registrar);
    if (props.api && 'node' in props.api) this.node.addDependency(props.api);
  }

  #describe({ api, url, arn }: EndpointOptions): Partial<ApiDescription> {
    if (arn !== undefined && (api ?? url) !== undefined)
      refuseConstruct(this, 'arn: give either the arn, or api or url');
    const own = arn === undefined ? url !== undefined && { target: url, host: findHost(url) } : { target: arn };
    if (!api) return own || refuseConstruct(this, 'api: give the api, its url or an arn');
    const description = describeApi(api);
    if (own) return { ...description, ...own };
    if (!description) refuseConstruct(this, 'api: this construct can not be registered as it is; pass its url or arn');
    return description.problem === undefined ? description : refuseConstruct(this, `api: ${description.problem}`);
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
    Weight: options.weight,
    Metadata: options.metadata,
    ExpiresAt: options.expiresAt?.toISOString(),
    Takeover: options.takeover,
  };
}

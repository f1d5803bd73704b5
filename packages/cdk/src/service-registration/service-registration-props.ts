import type { AuthMode, EndpointKind } from '@amplify-discovery/core';
import type { IServiceRegistry } from '../service-registry/registry-interface.ts';
import type { RegistrableApi } from './api-description.ts';

/** What is registered: an API construct, a URL or an ARN. */
export interface EndpointOptions {
  /**
   * The API, from which target, kind, region, signing service and auth mode follow. With `url` it gives only the others.
   * Its default address is registered, or its custom domain where the default address is switched off.
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
   * @default derived by the registrar from target and kind.
   */
  readonly signingService?: string | undefined;
  /**
   * How callers are expected to authenticate. Advice: the calling code decides.
   *
   * @default derived from the api where it has one mode for all.
   */
  readonly authMode?: AuthMode | undefined;
  /**
   * Distinguishes several endpoints of one service in one stage: a region, a canary.
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
   * 0 to 65535, lower first: the next priority serves only while the one before it cannot be reached.
   *
   * @default 0
   */
  readonly priority?: number | undefined;
  /**
   * Share of traffic among the endpoints of one priority, 0 to 1000.
   *
   * @default 100
   */
  readonly weight?: number | undefined;
  /**
   * Whether everyone may see the endpoint: an API key reads it, and it is part of the public snapshot. Not for ARNs.
   *
   * @default false
   */
  readonly public?: boolean | undefined;
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
   * Whether each deployment registers the endpoint anew, once a day, although nothing else has changed. A preview whose stage
   * expires by a rule of the registry lives as long as it is deployed.
   *
   * @default false
   */
  readonly renew?: boolean | undefined;
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
   * @default the registry's `defaultStage`, then the context value `amplify-discovery:stage`, then the environment of
   * Amplify Gen 2.
   */
  readonly stage?: string | undefined;
}

import type { AffinityRule } from '@amplify-discovery/core';
import type { Duration } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IServiceRegistry } from '../service-registry/registry-interface.ts';
import type { SnapshotConfig } from '@amplify-discovery/core';
import type { DiscoveryFunctionOptions } from '../synthesis/discovery-function.ts';

/** How the router authenticates to a service. Credentials don't stand in a template, so there are no other modes. */
export type RouterServiceAuth = { readonly mode: 'none' } | RouterIamAuth;

/** Signs with the role of the router's function. */
export interface RouterIamAuth {
  readonly mode: 'iam';
  /**
   * The region that is signed for.
   *
   * @default the endpoint's
   */
  readonly region?: string | undefined;
  /**
   * The service name that is signed for.
   *
   * @default the endpoint's
   */
  readonly signingService?: string | undefined;
}

/** Which stage a request is for. Callers choose only among stages that are listed. */
export interface RouterStageRule {
  /**
   * Where no other rule applies.
   *
   * @default none: such requests are refused.
   */
  readonly default?: string | undefined;
  /**
   * By the requested host: `{ 'staging.example.com': 'staging' }`.
   *
   * @default none
   */
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  /**
   * By a header of the caller, which chooses among the stages that are allowed.
   *
   * @default none
   */
  readonly byHeader?: { readonly name: string; readonly allow: readonly string[] } | undefined;
  /**
   * By the first segment of the path, `/{stage}/{service}/{path}`. No other rule counts then.
   *
   * @default none
   */
  readonly inPath?: readonly string[] | undefined;
}

/** `runtime`, `logRetention` and `tracing` are those of the router's function. */
export interface DiscoveryRouterProps extends DiscoveryFunctionOptions {
  readonly registry: IServiceRegistry;
  /**
   * The stage whose endpoints are called, or how it is chosen.
   *
   * @default the registry's `defaultStage`, then the context value `amplify-discovery:stage`, then the environment of
   * Amplify Gen 2.
   */
  readonly stage?: string | RouterStageRule | undefined;
  /**
   * Stages that serve what the default stage doesn't have, in this order.
   *
   * @default none
   */
  readonly fallbackStages?: readonly string[] | undefined;
  /**
   * The services that callers may reach.
   *
   * @default every service of the stage that has an https URL and no tenant.
   */
  readonly services?: readonly string[] | undefined;
  /**
   * How the router authenticates, by service. With `iam` every caller acts as the router's function there, which needs to
   * be allowed to call it: `function` is a grantee.
   *
   * @default none: callers' own headers are passed on.
   */
  readonly auth?: Readonly<Record<string, RouterServiceAuth>> | undefined;
  /**
   * Hosts that the router may call: `*.example.com`.
   *
   * @default AWS's API domains in the registry's region, for requests without replayable credentials.
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /**
   * Where callers come in.
   *
   * @default 'functionUrl'
   */
  readonly entry?: 'functionUrl' | 'httpApi' | undefined;
  /**
   * Who may come in: callers who sign (`grantCall`), everyone, or whom an HTTP API's authorizer lets in.
   *
   * @default 'iam'
   */
  readonly access?: 'iam' | 'public' | IHttpRouteAuthorizer | undefined;
  /**
   * Whether answers are streamed, beyond 6 MB too. Only a function URL can.
   *
   * @default false
   */
  readonly streaming?: boolean | undefined;
  /**
   * What keeps a caller at one of several weighted endpoints.
   *
   * @default nothing: each request is spread anew.
   */
  readonly affinity?: AffinityRule | undefined;
  /**
   * What comes before the service in every path: `/r`.
   *
   * @default ''
   */
  readonly mount?: string | undefined;
  /**
   * Whether a 404 names services that are spelled almost alike.
   *
   * @default true
   */
  readonly suggestNames?: boolean | undefined;
  /**
   * A published snapshot that is asked before the registry, readable without credentials: `publisher.snapshot` is one. Where
   * it is partial and lacks one of `services`, or none are named, the registry is asked.
   *
   * @default none
   */
  readonly snapshot?: SnapshotConfig | undefined;
  /**
   * The function's timeout. The router answers 504 a second earlier.
   *
   * @default Duration.seconds(30)
   */
  readonly timeout?: Duration | undefined;
  /**
   * The function's memory, in megabytes.
   *
   * @default 512
   */
  readonly memorySize?: number | undefined;
  /**
   * Whether each request is a line of JSON in the log, without its query.
   *
   * @default false
   */
  readonly logRequests?: boolean | undefined;
  /**
   * Whether discovery's metrics (hits, stale answers, age …) are in the log in CloudWatch's embedded metric format.
   *
   * @default false
   */
  readonly metrics?: boolean | undefined;
}

import type { AuthMode, EndpointKind } from '@amplify-discovery/core';
import type { CfnResource } from 'aws-cdk-lib';
import type { RestApiBase } from 'aws-cdk-lib/aws-apigateway';
import type { HttpApi, IHttpStage, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { EventApi, GraphqlApi, IGraphqlApi } from 'aws-cdk-lib/aws-appsync';
import type { IFunction, IFunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** What can be registered as it is. Everything else has a URL or an ARN. */
export type RegistrableApi =
  | RestApiBase
  | HttpApi
  | IHttpStage
  | WebSocketStage
  | GraphqlApi
  | IGraphqlApi
  | EventApi
  | IFunctionUrl
  | IFunction
  | WebFunctionLike
  | WebFunctionEndpointLike
  | CfnResource;

/** An endpoint of a Lambda Web Function, by what discovery uses of it: aws-cdk-lib has the class since 2.276. */
export interface WebFunctionEndpointLike extends IConstruct {
  readonly domainName: string;
  /** `IamAuth`, or `ApplicationManaged`: by the application in its own way. */
  readonly authType: string;
}

/** A Lambda Web Function with its own endpoint. */
export interface WebFunctionLike extends IConstruct {
  readonly endpoint: WebFunctionEndpointLike;
}

/** What follows from an API alone. */
export interface ApiDescription {
  readonly kind: EndpointKind;
  /** The URL or ARN. Undefined where the registrar looks it up by `graphqlApiId`, or where `problem` says why. */
  readonly target?: string | undefined;
  readonly graphqlApiId?: string | undefined;
  /** The host of the target, for the app's list of trusted hosts. */
  readonly host?: string | undefined;
  readonly region: string;
  /** Undefined where the registrar derives it from target and kind. */
  readonly signingService?: string | undefined;
  /** Undefined where it differs by method or is not known. */
  readonly authMode?: AuthMode | undefined;
  /** What has to be there besides the API before callers are sent to it. */
  readonly dependsOn?: readonly IConstruct[] | undefined;
  /** Why there is no target, and what to pass. */
  readonly problem?: string | undefined;
}

/** Where an API is: an imported one says its own region, all others are where their stack is. */
export function getRegion(api: object): string {
  return (api as IFunction).env.region;
}

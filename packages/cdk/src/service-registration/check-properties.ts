import { planChange } from '@amplify-discovery/registrar';
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/** The properties of a `Custom::ServiceEndpoint`; undefined ones don't reach the template. */
export interface EndpointProperties {
  readonly Service: string;
  readonly Stage: string;
  readonly Id: string | undefined;
  readonly Kind: string | undefined;
  readonly Target: string | undefined;
  readonly GraphqlApiId: string | undefined;
  readonly Region: string | undefined;
  readonly SigningService: string | undefined;
  readonly AuthMode: string | undefined;
  readonly Version: string | undefined;
  readonly Tenant: string | undefined;
  readonly Priority: number | undefined;
  readonly Weight: number | undefined;
  readonly Public: boolean | undefined;
  readonly Metadata: Readonly<Record<string, string>> | undefined;
  readonly ExpiresAt: string | undefined;
  readonly Takeover: boolean | undefined;
  readonly RenewedOn: string | undefined;
}

/**
 * Judges the properties by the registrar's own rules, so that what would fail the deployment fails the synthesis. Values
 * that are known only then are taken to be good.
 *
 * @throws DiscoveryError `InvalidOptions`, with what the registrar would say.
 */
export function checkProperties(scope: IConstruct, properties: EndpointProperties, stackRegion: string): void {
  const { GraphqlApiId, ...rest } = properties;
  // An API that is named by id is looked up before the registrar judges: by then there is a target.
  const complete =
    GraphqlApiId === undefined ? rest : { ...rest, Target: 'https://known-when-deployed.example/graphql' };
  const given = Object.entries(complete).filter(([, value]) => value !== undefined);
  const known = given.map(([property, value]) => [
    property,
    Token.isUnresolved(value) ? chooseStandIn(property, properties) : value,
  ]);
  const region = Token.isUnresolved(stackRegion) ? 'eu-west-1' : stackRegion;
  const event = {
    RequestType: 'Create',
    RequestId: 'synthesis',
    StackId: `arn:aws:cloudformation:${region}:123456789012:stack/synthesis/1`,
    LogicalResourceId: 'Endpoint',
    ResponseURL: '',
    ResourceProperties: Object.fromEntries(known) as Record<string, unknown>,
  } as const;
  try {
    planChange(event, { registry: 'https://known-when-deployed.example/graphql' });
  } catch (error) {
    refuseConstruct(scope, error instanceof Error ? error.message : String(error), error);
  }
}

function chooseStandIn(property: string, { Kind, Target = '' }: EndpointProperties): unknown {
  const examples: Readonly<Record<string, unknown>> = {
    Target: isArn(Kind, Target)
      ? 'arn:aws:lambda:eu-west-1:123456789012:function:known-when-deployed'
      : 'https://known-when-deployed.example',
    Kind: 'rest',
    Region: 'eu-west-1',
    AuthMode: 'none',
    Version: '1.0.0',
    Priority: 0,
    Weight: 100,
    Public: false,
    Metadata: {},
    ExpiresAt: '2100-01-01T00:00:00.000Z',
    Takeover: false,
  };
  return examples[property] ?? 'known-when-deployed';
}

function isArn(kind: string | undefined, target: string): boolean {
  return kind === 'function' || kind === 'resource' || target.startsWith('arn:');
}

export interface ServiceTemplateOptions {
  readonly stage: string;
  readonly serviceToken: string;
  /** The services to register this API as, in this order, each after the one before. */
  readonly services: readonly string[];
  readonly version: string;
  readonly isPublic: boolean;
}

/** A small API of its own, registered as one service or several, as a team's stack does it. Needs no code from a bucket. */
export function planServiceTemplate(options: ServiceTemplateOptions): object {
  const { stage, serviceToken, services, version, isPublic } = options;
  const registrations = services.map((service, index) => [
    `Endpoint${index}`,
    {
      Type: 'Custom::ServiceEndpoint',
      DependsOn: index === 0 ? ['Route', 'Stage'] : [`Endpoint${index - 1}`],
      Properties: {
        ServiceToken: serviceToken,
        ServiceTimeout: 120,
        Service: service,
        Stage: stage,
        Target: { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}' },
        Kind: 'http',
        AuthMode: 'none',
        Version: version,
        Public: isPublic,
      },
    },
  ]);
  return {
    Description: 'A service that discovery verify registers, and removes',
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
        },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Code: {
            ZipFile: `exports.handler = async () => ({ statusCode: 200, body: ${JSON.stringify(services[0])} });`,
          },
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: { Ref: 'Function' },
          Action: 'lambda:InvokeFunction',
          Principal: 'apigateway.amazonaws.com',
          SourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*' },
        },
      },
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: { Ref: 'AWS::StackName' }, ProtocolType: 'HTTP' } },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: { Ref: 'Api' },
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': ['Function', 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: { Ref: 'Api' },
          RouteKey: '$default',
          Target: { 'Fn::Sub': 'integrations/${Integration}' },
        },
      },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
      },
      ...Object.fromEntries(registrations),
    },
  };
}

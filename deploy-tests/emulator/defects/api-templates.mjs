const attribute = (resource, name) => ({ 'Fn::GetAtt': [resource, name] });
const assumedBy = (service) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});
const runtime = { Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' };

/**
 * An AppSync API with two pipelines: `put` writes an item that must not be there, and returns what it saw; `count` adds one to
 * an item, and returns the number beside what its own handlers see of API and caller.
 */
export const pipelineTemplate = {
  Resources: {
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      },
    },
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: assumedBy('appsync.amazonaws.com') } },
    Api: {
      Type: 'AWS::AppSync::GraphQLApi',
      Properties: {
        Name: 'probe',
        AuthenticationType: 'API_KEY',
        AdditionalAuthenticationProviders: [{ AuthenticationType: 'AWS_IAM' }],
        EnvironmentVariables: { GREETING: 'hello' },
      },
    },
    Key: { Type: 'AWS::AppSync::ApiKey', Properties: { ApiId: attribute('Api', 'ApiId') } },
    Schema: {
      Type: 'AWS::AppSync::GraphQLSchema',
      Properties: {
        ApiId: attribute('Api', 'ApiId'),
        Definition: `type Query { ping: String }
type Mutation @aws_api_key @aws_iam { put(id: String!, data: AWSJSON): String count: String }`,
      },
    },
    Source: {
      Type: 'AWS::AppSync::DataSource',
      Properties: {
        ApiId: attribute('Api', 'ApiId'),
        Name: 'source',
        Type: 'AMAZON_DYNAMODB',
        ServiceRoleArn: attribute('Role', 'Arn'),
        DynamoDBConfig: { TableName: { Ref: 'Table' }, AwsRegion: { Ref: 'AWS::Region' } },
      },
    },
    Write: {
      Type: 'AWS::AppSync::FunctionConfiguration',
      Properties: {
        ApiId: attribute('Api', 'ApiId'),
        Name: 'write',
        DataSourceName: attribute('Source', 'Name'),
        Runtime: runtime,
        Code: `import { util } from '@aws-appsync/utils';
export function request(ctx) {
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ id: ctx.args.id }),
    attributeValues: {},
    condition: { expression: 'attribute_not_exists(id)' },
  };
}
export function response(ctx) {
  return ctx.error ? ctx.error.type : typeof ctx.args.data;
}`,
      },
    },
    Add: {
      Type: 'AWS::AppSync::FunctionConfiguration',
      Properties: {
        ApiId: attribute('Api', 'ApiId'),
        Name: 'add',
        DataSourceName: attribute('Source', 'Name'),
        Runtime: runtime,
        Code: `import { util } from '@aws-appsync/utils';
export function request() {
  return {
    operation: 'UpdateItem',
    key: util.dynamodb.toMapValues({ id: 'counter' }),
    update: { expression: 'ADD #n :one', expressionNames: { '#n': 'n' }, expressionValues: util.dynamodb.toMapValues({ ':one': 1 }) },
  };
}
export function response(ctx) {
  return ctx.error ? ctx.error.message : ctx.result.n;
}`,
      },
    },
    Count: {
      Type: 'AWS::AppSync::Resolver',
      DependsOn: 'Schema',
      Properties: {
        ApiId: attribute('Api', 'ApiId'),
        TypeName: 'Mutation',
        FieldName: 'count',
        Kind: 'PIPELINE',
        Runtime: runtime,
        PipelineConfig: { Functions: [attribute('Add', 'FunctionId')] },
        Code: `import { util } from '@aws-appsync/utils';
export function request(ctx) {
  ctx.stash.greeting = ctx.env?.GREETING;
  return {};
}
export function response(ctx) {
  const { userArn } = ctx.identity ?? {};
  return JSON.stringify({ n: ctx.prev.result, greeting: ctx.stash.greeting, auth: util.authType(), userArn });
}`,
      },
    },
    Put: {
      Type: 'AWS::AppSync::Resolver',
      DependsOn: 'Schema',
      Properties: {
        ApiId: attribute('Api', 'ApiId'),
        TypeName: 'Mutation',
        FieldName: 'put',
        Kind: 'PIPELINE',
        Runtime: runtime,
        PipelineConfig: { Functions: [attribute('Write', 'FunctionId')] },
        Code: 'export function request(ctx) { return {}; }\nexport function response(ctx) { return ctx.prev.result; }',
      },
    },
  },
  Outputs: { Url: { Value: attribute('Api', 'GraphQLUrl') }, Key: { Value: attribute('Key', 'ApiKey') } },
};

/** A function behind a URL that asks the GraphQL API in its query, as a program with the function's credentials would. */
export const callerTemplate = {
  Resources: {
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') } },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: attribute('Role', 'Arn'),
        Code: {
          ZipFile: `
exports.handler = async ({ queryStringParameters }) => {
  const { AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN } = process.env;
  const authorization = \`AWS4-HMAC-SHA256 Credential=\${AWS_ACCESS_KEY_ID}/20260101/us-east-1/appsync/aws4_request, Signature=0\`;
  const response = await fetch(queryStringParameters.api, {
    method: 'POST',
    headers: { authorization, 'x-amz-security-token': AWS_SESSION_TOKEN },
    body: JSON.stringify({ query: 'mutation { count }' }),
  });
  return { statusCode: 200, body: await response.text() };
};`,
        },
      },
    },
    Url: {
      Type: 'AWS::Lambda::Url',
      Properties: { TargetFunctionArn: attribute('Function', 'Arn'), AuthType: 'NONE' },
    },
  },
  Outputs: { Url: { Value: attribute('Url', 'FunctionUrl') }, RoleName: { Value: { Ref: 'Role' } } },
};

/** A REST API in the form that Amplify gives it: an OpenAPI document with one method for all. */
export function makeAnyMethodTemplate() {
  const uri = 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations';
  return {
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') } },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: attribute('Role', 'Arn'),
          Code: { ZipFile: "exports.handler = async () => ({ statusCode: 200, body: 'ok' });" },
        },
      },
      Rest: {
        Type: 'AWS::ApiGateway::RestApi',
        Properties: {
          Body: {
            swagger: '2.0',
            info: { title: 'probe', version: '1' },
            paths: {
              '/anything': {
                'x-amazon-apigateway-any-method': {
                  responses: {},
                  'x-amazon-apigateway-integration': { type: 'aws_proxy', httpMethod: 'POST', uri: { 'Fn::Sub': uri } },
                },
              },
            },
          },
        },
      },
      Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId: { Ref: 'Rest' }, StageName: 'dev' } },
    },
    Outputs: { Url: { Value: { 'Fn::Sub': 'https://${Rest}.execute-api.${AWS::Region}.amazonaws.com/dev/anything' } } },
  };
}

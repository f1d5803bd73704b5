/**
 * Writes the CloudFormation templates of this project from the registry's own definition, so that the schema and the
 * resolvers are the ones that every other way to deploy uses. For the authors, in the repository, after each change of
 * them: `node amplify-backend/gen1/generate.mjs`. A test fails when the files are behind.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const { registrarTiming, registryDefinition } = await importSources(`
  export { registrarTiming } from '@amplify-discovery/registrar';
  export { registryDefinition } from '@amplify-discovery/registry/definition';
`);
const { schema, resolverFiles, resolvers, table } = registryDefinition;
const ref = (Ref) => ({ Ref });
const attribute = (resource, name) => ({ 'Fn::GetAtt': [resource, name] });
const sub = (text) => ({ 'Fn::Sub': text });
const runtime = { Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' };
const apiId = attribute('Api', 'ApiId');
const nameOf = (file) => file.replace(/\.js$/, '').replaceAll('-', '_');
const idOf = (...words) => words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');

const role = (service, statements) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyName: 'work',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
        },
      },
    ],
  },
});

const published = (name, value) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: sub(`/amplify-discovery/\${registryName}/${name}`), Type: 'String', Value: value },
});

const files = Object.values(resolvers)
  .flatMap((fields) => Object.values(fields))
  .flatMap((resolver) => (resolver.kind === 'pipeline' ? resolver.functions : []));
const functions = Object.fromEntries(
  [...new Set(files)].map((file) => [
    idOf('function', ...nameOf(file).split('_')),
    {
      Type: 'AWS::AppSync::FunctionConfiguration',
      DependsOn: 'Schema',
      Properties: {
        ApiId: apiId,
        Name: nameOf(file),
        DataSourceName: attribute('TableSource', 'Name'),
        Runtime: runtime,
        Code: resolverFiles[file],
      },
    },
  ]),
);
const fields = Object.fromEntries(
  Object.entries(resolvers).flatMap(([type, fieldsOfType]) =>
    Object.entries(fieldsOfType).map(([field, resolver]) => [
      idOf('resolve', field),
      {
        Type: 'AWS::AppSync::Resolver',
        DependsOn: 'Schema',
        Properties: {
          ApiId: apiId,
          TypeName: type,
          FieldName: field,
          Runtime: runtime,
          Code: resolverFiles[resolver.file],
          ...(resolver.kind === 'pipeline'
            ? {
                Kind: 'PIPELINE',
                PipelineConfig: {
                  Functions: resolver.functions.map((file) =>
                    attribute(idOf('function', ...nameOf(file).split('_')), 'FunctionId'),
                  ),
                },
              }
            : { Kind: 'UNIT', DataSourceName: attribute('TableSource', 'Name') }),
        },
      },
    ]),
  ),
);

const keys = [table.partitionKey, table.sortKey, table.index.partitionKey, table.index.sortKey];
const keySchema = ({ partitionKey, sortKey }) => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  { AttributeName: sortKey, KeyType: 'RANGE' },
];

const registry = {
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'The service registry: an AppSync API over one DynamoDB table. Written by generate.mjs.',
  Parameters: {
    env: { Type: 'String' },
    registryName: {
      Type: 'String',
      AllowedPattern: '[A-Za-z0-9._-]{1,64}',
      Description:
        'The registry publishes itself as SSM parameters /amplify-discovery/NAME/…; once per account and region.',
    },
    apiKeyExpires: {
      Type: 'Number',
      Description: 'Epoch seconds. The hook pre-push moves it on, once a month.',
    },
  },
  Resources: {
    Table: {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [...new Set(keys)].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keySchema(table),
        GlobalSecondaryIndexes: [
          {
            IndexName: table.index.name,
            KeySchema: keySchema(table.index),
            Projection: { ProjectionType: table.index.projection },
          },
        ],
        TimeToLiveSpecification: { AttributeName: table.timeToLive, Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        DeletionProtectionEnabled: true,
      },
    },
    Api: {
      Type: 'AWS::AppSync::GraphQLApi',
      Properties: {
        Name: sub('amplify-discovery-${registryName}-${env}'),
        AuthenticationType: 'AWS_IAM',
        AdditionalAuthenticationProviders: [{ AuthenticationType: 'API_KEY' }],
        ResolverCountLimit: 20,
        LogConfig: {
          FieldLogLevel: 'ERROR',
          ExcludeVerboseContent: true,
          CloudWatchLogsRoleArn: attribute('LogRole', 'Arn'),
        },
      },
    },
    LogRole: role('appsync.amazonaws.com', [
      {
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: sub('arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/appsync/apis/*'),
      },
    ]),
    Logs: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: sub('/aws/appsync/apis/${Api.ApiId}'), RetentionInDays: 30 },
    },
    Schema: {
      Type: 'AWS::AppSync::GraphQLSchema',
      // This API has no user pool: AppSync need not know the directive of a mode that it doesn't have.
      Properties: { ApiId: apiId, Definition: schema.replaceAll(/\s+@aws_cognito_user_pools\b/g, '') },
    },
    ApiKey: {
      Type: 'AWS::AppSync::ApiKey',
      Properties: { ApiId: apiId, Description: 'Reads the registry', Expires: ref('apiKeyExpires') },
    },
    TableSource: {
      Type: 'AWS::AppSync::DataSource',
      Properties: {
        ApiId: apiId,
        Name: 'registryTable',
        Type: 'AMAZON_DYNAMODB',
        ServiceRoleArn: attribute('TableRole', 'Arn'),
        DynamoDBConfig: { TableName: ref('Table'), AwsRegion: ref('AWS::Region') },
      },
    },
    TableRole: role('appsync.amazonaws.com', [
      {
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:Scan'],
        Resource: attribute('Table', 'Arn'),
      },
      { Action: ['dynamodb:Query'], Resource: sub(`\${Table.Arn}/index/${table.index.name}`) },
    ]),
    ...functions,
    ...fields,
    PublishedUrl: published('url', attribute('Api', 'GraphQLUrl')),
    PublishedApiArn: published('api-arn', attribute('Api', 'Arn')),
    PublishedApiKey: published('api-key', attribute('ApiKey', 'ApiKey')),
  },
  Outputs: {
    RegistryUrl: { Value: attribute('Api', 'GraphQLUrl') },
    RegistryApiArn: { Value: attribute('Api', 'Arn') },
    RegistryApiKey: { Value: attribute('ApiKey', 'ApiKey') },
    RegistryName: { Value: ref('registryName') },
    TableName: { Value: ref('Table') },
  },
};

const given = (output) => ref(`customdiscoveryRegistry${output}`);
const functionName = 'discoveryRegistrar';
const registrar = {
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'The registrar: the Lambda behind Custom::ServiceEndpoint. Written by generate.mjs.',
  Parameters: {
    env: { Type: 'String' },
    deploymentBucketName: { Type: 'String' },
    s3Key: { Type: 'String' },
    customdiscoveryRegistryRegistryUrl: { Type: 'String' },
    customdiscoveryRegistryRegistryApiArn: { Type: 'String' },
    customdiscoveryRegistryRegistryName: { Type: 'String' },
  },
  Resources: {
    LambdaFunction: {
      Type: 'AWS::Lambda::Function',
      DependsOn: 'Logs',
      Metadata: { 'aws:asset:path': './src', 'aws:asset:property': 'Code' },
      Properties: {
        FunctionName: sub(`${functionName}-\${env}`),
        Description: 'Registers endpoints in the service registry for CloudFormation',
        Handler: 'index.handler',
        Runtime: 'nodejs22.x',
        Architectures: ['arm64'],
        MemorySize: 256,
        Timeout: registrarTiming.functionTimeoutSeconds,
        Role: attribute('LambdaExecutionRole', 'Arn'),
        Code: { S3Bucket: ref('deploymentBucketName'), S3Key: ref('s3Key') },
        Environment: {
          Variables: { REGISTRY_URL: given('RegistryUrl'), REGISTRY_REGION: ref('AWS::Region') },
        },
      },
    },
    DeliverOnce: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: ref('LambdaFunction'),
        Qualifier: '$LATEST',
        MaximumEventAgeInSeconds: registrarTiming.maximumEventAgeSeconds,
        MaximumRetryAttempts: registrarTiming.maximumRetryAttempts,
      },
    },
    LambdaExecutionRole: role('lambda.amazonaws.com', [
      {
        Action: ['appsync:GraphQL'],
        Resource: ['registerEndpoint', 'deregisterEndpoint'].map((field) =>
          sub(`\${customdiscoveryRegistryRegistryApiArn}/types/Mutation/fields/${field}`),
        ),
      },
      {
        Action: ['appsync:GetGraphqlApi'],
        Resource: ['apis', '/v1/apis'].map((path) =>
          sub(`arn:\${AWS::Partition}:appsync:\${AWS::Region}:\${AWS::AccountId}:${path}/*`),
        ),
      },
      { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: attribute('Logs', 'Arn') },
    ]),
    Logs: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: sub(`/aws/lambda/${functionName}-\${env}`), RetentionInDays: 30 },
    },
    PublishedServiceToken: {
      Type: 'AWS::SSM::Parameter',
      Properties: {
        Name: sub('/amplify-discovery/${customdiscoveryRegistryRegistryName}/service-token'),
        Type: 'String',
        Value: attribute('LambdaFunction', 'Arn'),
      },
    },
  },
  Outputs: {
    Name: { Value: ref('LambdaFunction') },
    Arn: { Value: attribute('LambdaFunction', 'Arn') },
    Region: { Value: ref('AWS::Region') },
    LambdaExecutionRole: { Value: ref('LambdaExecutionRole') },
  },
};

write('custom/discoveryRegistry/discoveryRegistry-cloudformation-template.json', registry);
write(`function/${functionName}/${functionName}-cloudformation-template.json`, registrar);

/** The packages' sources, so that nothing has to be built first. */
async function importSources(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: repository },
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@amplify-discovery/source'],
    external: ['@aws-sdk/*'],
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

function write(path, template) {
  const file = fileURLToPath(new URL(`amplify/backend/${path}`, import.meta.url));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(template, undefined, 2)}\n`);
  execFileSync('node_modules/.bin/oxfmt', [file], { cwd: repository, stdio: 'ignore' });
}

import { buildResolvers } from './build-resolvers.mjs';
import { allow, createRole } from './create-role.mjs';
import { attribute, ref, sub } from './intrinsics.mjs';
import { publishParameter } from './publish-parameter.mjs';

const ApiId = attribute('Api', 'ApiId');

/** `custom/discoveryRegistry`: an AppSync API over one DynamoDB table. */
export function buildRegistryTemplate(definition) {
  return {
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
      Table: buildTable(definition.table),
      ...buildApi(definition.schema),
      ...buildTableSource(definition.table),
      ...buildResolvers(definition),
      PublishedUrl: publishParameter('registryName', 'url', attribute('Api', 'GraphQLUrl')),
      PublishedApiArn: publishParameter('registryName', 'api-arn', attribute('Api', 'Arn')),
      PublishedApiKey: publishParameter('registryName', 'api-key', attribute('ApiKey', 'ApiKey')),
    },
    Outputs: {
      RegistryUrl: { Value: attribute('Api', 'GraphQLUrl') },
      RegistryApiArn: { Value: attribute('Api', 'Arn') },
      RegistryApiKey: { Value: attribute('ApiKey', 'ApiKey') },
      RegistryName: { Value: ref('registryName') },
      TableName: { Value: ref('Table') },
      TableArn: { Value: attribute('Table', 'Arn') },
      TableStreamArn: { Value: attribute('Table', 'StreamArn') },
    },
  };
}

function buildTable(table) {
  const { index } = table;
  const keys = [table.partitionKey, table.sortKey, index.partitionKey, index.sortKey];
  const keySchema = ({ partitionKey, sortKey }) => [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    { AttributeName: sortKey, KeyType: 'RANGE' },
  ];
  return {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...new Set(keys)].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keySchema(table),
      GlobalSecondaryIndexes: [
        { IndexName: index.name, KeySchema: keySchema(index), Projection: { ProjectionType: index.projection } },
      ],
      TimeToLiveSpecification: { AttributeName: table.timeToLive, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      DeletionProtectionEnabled: true,
    },
  };
}

function buildApi(schema) {
  return {
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
    LogRole: createRole('appsync.amazonaws.com', [
      allow(
        ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        sub('arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/appsync/apis/*'),
      ),
    ]),
    Logs: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: sub('/aws/appsync/apis/${Api.ApiId}'), RetentionInDays: 30 },
    },
    Schema: {
      Type: 'AWS::AppSync::GraphQLSchema',
      // This API has no user pool: AppSync need not know the directive of a mode that it doesn't have.
      Properties: { ApiId, Definition: schema.replaceAll(/\s+@aws_cognito_user_pools\b/g, '') },
    },
    ApiKey: {
      Type: 'AWS::AppSync::ApiKey',
      Properties: { ApiId, Description: 'Reads the registry', Expires: ref('apiKeyExpires') },
    },
  };
}

function buildTableSource({ index }) {
  return {
    TableSource: {
      Type: 'AWS::AppSync::DataSource',
      Properties: {
        ApiId,
        Name: 'registryTable',
        Type: 'AMAZON_DYNAMODB',
        ServiceRoleArn: attribute('TableRole', 'Arn'),
        DynamoDBConfig: { TableName: ref('Table'), AwsRegion: ref('AWS::Region') },
      },
    },
    TableRole: createRole('appsync.amazonaws.com', [
      allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:Scan'], attribute('Table', 'Arn')),
      allow(['dynamodb:Query'], sub(`\${Table.Arn}/index/${index.name}`)),
    ]),
  };
}

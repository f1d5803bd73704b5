const attribute = (resource, name) => ({ 'Fn::GetAtt': [resource, name] });
const runtime = { Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' };
const api = attribute('Api', 'ApiId');

/** The least CloudFormation that makes an API of the registry's definition: its schema, its resolver files and its table. */
export function makeRegistryTemplate({ schema, resolverFiles, resolvers, table }, variables) {
  const { partitionKey, sortKey, index } = table;
  const keys = (partition, sort) => [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ];
  const source = (name, properties) => ({
    Type: 'AWS::AppSync::DataSource',
    Properties: { ApiId: api, Name: name, ...properties },
  });
  const fields = Object.entries(resolvers)
    .filter(([typeName]) => typeName !== 'Subscription')
    .flatMap(([typeName, byField]) =>
      Object.entries(byField).map(([fieldName, definition]) => ({ typeName, fieldName, definition })),
    );
  const functions = new Set(fields.flatMap(({ definition }) => definition.functions ?? []));
  return {
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [...new Set([partitionKey, sortKey, index.partitionKey, index.sortKey])].map(
            (name) => ({
              AttributeName: name,
              AttributeType: 'S',
            }),
          ),
          KeySchema: keys(partitionKey, sortKey),
          GlobalSecondaryIndexes: [
            {
              IndexName: index.name,
              KeySchema: keys(index.partitionKey, index.sortKey),
              Projection: { ProjectionType: index.projection },
            },
          ],
        },
      },
      Api: {
        Type: 'AWS::AppSync::GraphQLApi',
        Properties: {
          Name: 'registry',
          AuthenticationType: 'AWS_IAM',
          AdditionalAuthenticationProviders: [{ AuthenticationType: 'API_KEY' }],
          EnvironmentVariables: variables,
        },
      },
      Key: { Type: 'AWS::AppSync::ApiKey', Properties: { ApiId: api } },
      Schema: { Type: 'AWS::AppSync::GraphQLSchema', Properties: { ApiId: api, Definition: schema } },
      TableSource: source('table', {
        Type: 'AMAZON_DYNAMODB',
        DynamoDBConfig: { TableName: { Ref: 'Table' }, AwsRegion: { Ref: 'AWS::Region' } },
      }),
      NoSource: source('none', { Type: 'NONE' }),
      ...Object.fromEntries(
        [...functions].map((file) => [
          nameFunction(file),
          {
            Type: 'AWS::AppSync::FunctionConfiguration',
            Properties: {
              ApiId: api,
              Name: nameFunction(file),
              DataSourceName: attribute('TableSource', 'Name'),
              Runtime: runtime,
              Code: resolverFiles[file],
            },
          },
        ]),
      ),
      ...Object.fromEntries(
        fields.map(({ typeName, fieldName, definition }) => [
          `${typeName}${fieldName}`,
          {
            Type: 'AWS::AppSync::Resolver',
            DependsOn: 'Schema',
            Properties: {
              ApiId: api,
              TypeName: typeName,
              FieldName: fieldName,
              Runtime: runtime,
              Code: resolverFiles[definition.file],
              ...(definition.kind === 'pipeline'
                ? {
                    Kind: 'PIPELINE',
                    PipelineConfig: {
                      Functions: definition.functions.map((file) => attribute(nameFunction(file), 'FunctionId')),
                    },
                  }
                : {
                    Kind: 'UNIT',
                    DataSourceName: attribute(definition.kind === 'local' ? 'NoSource' : 'TableSource', 'Name'),
                  }),
            },
          },
        ]),
      ),
    },
    Outputs: { Url: { Value: attribute('Api', 'GraphQLUrl') }, Key: { Value: attribute('Key', 'ApiKey') } },
  };
}

function nameFunction(file) {
  return file.replace(/\.js$/, '').replaceAll('-', '');
}

import { expect, test } from '@jest/globals';
import { findLambdaFunction } from './find-lambda-function.ts';

const template = {
  Resources: {
    RegistryTable: { Type: 'AWS::DynamoDB::Table' },
    RegistrarFunction1A2B: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Handler: 'index.handler',
        Timeout: 30,
        Environment: { Variables: { REGISTRY_URL: { 'Fn::GetAtt': ['Api', 'GraphQLUrl'] } } },
      },
      Metadata: { 'aws:asset:path': 'asset.abc' },
    },
  },
};

test('finds the code and the environment of a synthesised function', () => {
  const values = { 'Api.GraphQLUrl': 'http://127.0.0.1:1/graphql' };
  expect(findLambdaFunction(template, { logicalId: 'Registrar', assemblyFolder: '/cdk.out', values })).toEqual({
    logicalId: 'RegistrarFunction1A2B',
    folder: '/cdk.out/asset.abc',
    handler: 'index.handler',
    environment: { REGISTRY_URL: 'http://127.0.0.1:1/graphql' },
    timeoutMs: 30_000,
  });
});

test('says what is missing', () => {
  expect(() => findLambdaFunction(template, { logicalId: 'Router', assemblyFolder: '/' })).toThrow(
    'no function Router',
  );
});

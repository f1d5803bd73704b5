import { registryDefinition } from '@amplify-discovery/registry/definition';
import { Stack } from 'aws-cdk-lib';
import { BackedDataSource, type IGraphqlApi } from 'aws-cdk-lib/aws-appsync';
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface RegistryDataSourceProps {
  readonly api: IGraphqlApi;
  readonly table: ITable | Table;
}

/**
 * The table as AppSync's data source, with the five operations that the resolvers use and no others:
 * CDK's own data source would also allow batch writes, deletes and every index.
 */
export class RegistryDataSource extends BackedDataSource {
  constructor(scope: Construct, id: string, { api, table }: RegistryDataSourceProps) {
    super(
      scope,
      id,
      { api, name: 'registryTable' },
      {
        type: 'AMAZON_DYNAMODB',
        dynamoDbConfig: { tableName: table.tableName, awsRegion: Stack.of(table).region },
      },
    );
    const index = `${table.tableArn}/index/${registryDefinition.table.index.name}`;
    for (const statement of [
      new PolicyStatement({
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query', 'dynamodb:Scan'],
        resources: [table.tableArn],
      }),
      new PolicyStatement({ actions: ['dynamodb:Query'], resources: [index] }),
    ]) {
      this.grantPrincipal.addToPrincipalPolicy(statement);
    }
  }
}

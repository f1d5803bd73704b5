import { registryDefinition } from '@amplify-discovery/registry/definition';
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/** The table of a registry, in the layout that the resolvers expect. With `RETAIN` it is also protected from deletion. */
export function createRegistryTable(scope: Construct, id: string, removalPolicy: RemovalPolicy): Table {
  const { partitionKey, sortKey, timeToLive, index } = registryDefinition.table;
  const asString = (name: string) => ({ name, type: AttributeType.STRING });
  const table = new Table(scope, id, {
    partitionKey: asString(partitionKey),
    sortKey: asString(sortKey),
    timeToLiveAttribute: timeToLive,
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    removalPolicy,
  });
  table.addGlobalSecondaryIndex({
    indexName: index.name,
    partitionKey: asString(index.partitionKey),
    sortKey: asString(index.sortKey),
    projectionType: ProjectionType[index.projection],
  });
  return table;
}

import { registryDefinition } from '@amplify-discovery/registry/definition';
import { Annotations } from 'aws-cdk-lib';
import { CfnTable, type ITable, type Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/**
 * Refuses a table of another layout than the resolvers expect, as far as it is known: of a table that isn't created in this app
 * the keys are not.
 *
 * @throws DiscoveryError `InvalidOptions`, saying what the table lacks.
 */
export function checkRegistryTable(scope: Construct, table: ITable | Table): void {
  const { partitionKey, sortKey, timeToLive, index } = registryDefinition.table;
  const refuse = (expected: string) => refuseConstruct(scope, `table: ${expected}`);
  const resource = table.node.defaultChild;
  if (!(resource instanceof CfnTable)) {
    if (table.tableStreamArn === undefined)
      Annotations.of(scope).addWarningV2(
        '@amplify-discovery/cdk:tableStream',
        'The table was imported without the ARN of its stream, so no snapshots can be published: Table.fromTableAttributes takes tableStreamArn',
      );
    return;
  }
  const keys = (schema: unknown) =>
    (schema as readonly CfnTable.KeySchemaProperty[]).map(
      ({ attributeName, keyType }) => `${attributeName} ${keyType}`,
    );
  const layout = [`${partitionKey} HASH`, `${sortKey} RANGE`];
  if (String(keys(resource.keySchema)) !== String(layout))
    refuse(`its keys must be ${partitionKey} (partition) and ${sortKey} (sort), both strings`);
  const indexes = (resource.globalSecondaryIndexes ?? []) as readonly CfnTable.GlobalSecondaryIndexProperty[];
  const own = indexes.find(({ indexName }) => indexName === index.name);
  if (!own || String(keys(own.keySchema)) !== String([`${index.partitionKey} HASH`, `${index.sortKey} RANGE`]))
    refuse(`it needs the index ${index.name} with the keys ${index.partitionKey} and ${index.sortKey}`);
  const stream = resource.streamSpecification as CfnTable.StreamSpecificationProperty | undefined;
  if (stream?.streamViewType !== 'NEW_AND_OLD_IMAGES') refuse('its stream must have new and old images');
  const ttl = resource.timeToLiveSpecification as CfnTable.TimeToLiveSpecificationProperty | undefined;
  if (ttl?.attributeName !== timeToLive) refuse(`its time to live must be the attribute ${timeToLive}`);
}

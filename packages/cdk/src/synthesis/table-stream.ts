import { registryDefinition } from '@amplify-discovery/registry/definition';
import type { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, FilterRule } from 'aws-cdk-lib/aws-lambda';
import { acknowledgeWildcard } from './acknowledge-wildcard.ts';
import { allow } from './discovery-function.ts';

/** The stream that says what changes in a registry's table. */
export interface TableStream {
  readonly tableArn: string;
  readonly tableStreamArn: string;
}

/** What a function that Lambda gives the stream to may do with it. */
export function allowStream({ tableArn, tableStreamArn }: TableStream): PolicyStatement[] {
  return [
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], tableStreamArn),
    allow(['dynamodb:ListStreams'], `${tableArn}/stream/*`),
  ];
}

/** Acknowledges the wildcard in it. */
export function acknowledgeStream(role: Role, { tableArn }: TableStream): void {
  const reason = 'ListStreams is granted on all streams that the table has had, no other.';
  acknowledgeWildcard(role, `${tableArn}/stream/*`, reason);
}

const { partitionKey, sortKey, bookkeeping } = registryDefinition.table;
const isNotHead = { [sortKey]: { S: FilterRule.notEquals(bookkeeping.headKey) } };

/** Every write changes the head of its stage, too, which is no news. */
export const exceptHeads: { readonly [key: string]: unknown } = FilterCriteria.filter({
  dynamodb: { Keys: isNotHead },
});

/** Endpoints alone are news to readers. */
export const endpointsOnly: { readonly [key: string]: unknown } = FilterCriteria.filter({
  dynamodb: { Keys: { [partitionKey]: { S: FilterRule.notEquals(bookkeeping.rulesStage) }, ...isNotHead } },
});

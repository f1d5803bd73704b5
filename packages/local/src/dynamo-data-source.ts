import type { DynamoCall } from './embedded-dynamo.ts';
import type { DynamoItem } from '@amplify-discovery/registry/audit';
import { fromDynamoItem } from './dynamo-values.ts';
import { ResolverError } from './resolver-error.ts';

interface Expression {
  readonly expression: string;
  readonly expressionNames?: Readonly<Record<string, string>>;
  readonly expressionValues?: DynamoItem;
}

/**
 * The request objects of AppSync's DynamoDB data source, as far as the registry's resolvers use them:
 * https://docs.aws.amazon.com/appsync/latest/devguide/js-resolver-reference-dynamodb.html
 */
export type DataSourceRequest =
  | { readonly operation: 'GetItem'; readonly key: DynamoItem; readonly consistentRead?: boolean }
  | {
      readonly operation: 'PutItem';
      readonly key: DynamoItem;
      readonly attributeValues: DynamoItem;
      readonly condition?: Expression;
    }
  | {
      readonly operation: 'UpdateItem';
      readonly key: DynamoItem;
      readonly update: Expression;
      readonly condition?: Expression;
    }
  | (PagedRequest & { readonly operation: 'Query'; readonly query: Expression; readonly index?: string })
  | (PagedRequest & { readonly operation: 'Scan' });

interface PagedRequest {
  readonly limit?: number;
  readonly consistentRead?: boolean;
  readonly nextToken?: string | null;
  readonly projection?: Expression;
}

/** The `ctx.result` of a request against the table. @throws ResolverError with a type such as `DynamoDB:…Exception`. */
export async function runDataSourceRequest(call: DynamoCall, request: DataSourceRequest): Promise<unknown> {
  switch (request.operation) {
    case 'GetItem': {
      const { Item } = await call('GetItem', { Key: request.key, ConsistentRead: request.consistentRead ?? false });
      return Item ? fromDynamoItem(Item as DynamoItem) : null;
    }
    case 'PutItem': {
      const item = { ...request.attributeValues, ...request.key };
      const { condition } = request;
      await call('PutItem', {
        Item: item,
        ...(condition && {
          ConditionExpression: condition.expression,
          ...nameInput(condition.expressionNames),
          ...valueInput(condition.expressionValues),
        }),
      });
      return fromDynamoItem(item);
    }
    case 'UpdateItem': {
      const { key, update, condition } = request;
      const { Attributes } = await call('UpdateItem', {
        Key: key,
        ReturnValues: 'ALL_NEW',
        UpdateExpression: update.expression,
        ...(condition && { ConditionExpression: condition.expression }),
        ...nameInput({ ...update.expressionNames, ...condition?.expressionNames }),
        ...valueInput({ ...update.expressionValues, ...condition?.expressionValues }),
      });
      return fromDynamoItem(Attributes as DynamoItem);
    }
    case 'Query':
      return readPage(call, 'Query', request, {
        ...(request.index !== undefined && { IndexName: request.index }),
        KeyConditionExpression: request.query.expression,
        ExpressionAttributeValues: request.query.expressionValues,
        ExpressionAttributeNames: { ...request.query.expressionNames, ...request.projection?.expressionNames },
      });
    case 'Scan':
      return readPage(call, 'Scan', request, { ExpressionAttributeNames: request.projection?.expressionNames });
    default:
      throw new ResolverError(
        `Unsupported operation '${(request as { operation: string }).operation}'.`,
        'MappingTemplate',
      );
  }
}

async function readPage(
  call: DynamoCall,
  action: 'Query' | 'Scan',
  request: PagedRequest,
  input: object,
): Promise<unknown> {
  const { Items, LastEvaluatedKey, ScannedCount } = await call(action, {
    ...input,
    ...(request.projection && { ProjectionExpression: request.projection.expression }),
    ...(request.limit !== undefined && { Limit: request.limit }),
    ConsistentRead: request.consistentRead ?? false,
    ...(request.nextToken && { ExclusiveStartKey: readToken(request.nextToken) }),
  });
  return {
    items: (Items as DynamoItem[]).map(fromDynamoItem),
    nextToken: LastEvaluatedKey ? Buffer.from(JSON.stringify(LastEvaluatedKey)).toString('base64url') : null,
    scannedCount: ScannedCount,
  };
}

/** DynamoDB refuses empty maps of names and of values. */
function nameInput(names: Readonly<Record<string, string>> = {}): object {
  return Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {};
}

function valueInput(values: DynamoItem = {}): object {
  return Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {};
}

/** AppSync's tokens are encrypted; ours hold the key itself, and DynamoDB refuses a key of another partition. */
function readToken(token: string): unknown {
  try {
    const key = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown;
    if (typeof key === 'object' && key !== null && !Array.isArray(key)) return key;
  } catch {
    // Refused below.
  }
  throw new ResolverError('Invalid pagination token given.', 'InvalidOptions');
}

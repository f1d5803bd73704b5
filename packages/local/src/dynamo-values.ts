import { readDynamoItem, type DynamoItem, type DynamoValue } from '@amplify-discovery/registry/audit';

/** The wire form of a JSON value; undefined counts as null, as in `util.dynamodb.toDynamoDB`. */
export function toDynamo(value: unknown): DynamoValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(toDynamo) };
  if (typeof value === 'object' && value !== null) return { M: toDynamoItem(value) };
  return { NULL: true };
}

/** dynalite drops a member of this name, which DynamoDB treats like any other: it is stored under another name. */
const lostName = '__proto__';
const keptName = '\u0000__proto__';

/** The wire form of an object's members. */
export function toDynamoItem(value: object): DynamoItem {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name === lostName ? keptName : name, toDynamo(member)]),
  );
}

/** The JSON object of an item. */
export function fromDynamoItem(item: DynamoItem): Record<string, unknown> {
  return readDynamoItem(restoreNames(item));
}

/** The item as DynamoDB would have stored it. */
export function restoreNames(item: DynamoItem): DynamoItem {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name === keptName ? lostName : name, restoreValue(value)]),
  );
}

function restoreValue(value: DynamoValue): DynamoValue {
  if ('L' in value) return { L: value.L.map(restoreValue) };
  return 'M' in value ? { M: restoreNames(value.M) } : value;
}

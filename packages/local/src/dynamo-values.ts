/** One value as DynamoDB's wire format writes it. Sets and binaries do not occur in a registry. */
export type DynamoValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly DynamoValue[] }
  | { readonly M: Readonly<Record<string, DynamoValue>> };

export type DynamoItem = Readonly<Record<string, DynamoValue>>;

/** The wire form of a JSON value; what has none (undefined) counts as null, as in `util.dynamodb.toDynamoDB`. */
export function toDynamo(value: unknown): DynamoValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(toDynamo) };
  if (typeof value === 'object' && value !== null) return { M: toDynamoItem(value) };
  return { NULL: true };
}

/** dynalite loses a member of this name, which is one like any other to DynamoDB: it is kept under another name. */
const lostName = '__proto__';
const keptName = '\u0000__proto__';

/** The wire form of an object's members. */
export function toDynamoItem(value: object): DynamoItem {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name === lostName ? keptName : name, toDynamo(member)]),
  );
}

/** The JSON value of a wire form. */
function fromDynamo(value: DynamoValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('L' in value) return value.L.map(fromDynamo);
  if ('M' in value) return fromDynamoItem(value.M);
  return null;
}

/** The JSON object of an item. */
export function fromDynamoItem(item: DynamoItem): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name === keptName ? lostName : name, fromDynamo(value)]),
  );
}

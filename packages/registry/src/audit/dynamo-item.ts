/** One value as DynamoDB's wire format writes it. Sets and binaries do not occur in a registry. */
export type DynamoValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly DynamoValue[] }
  | { readonly M: Readonly<Record<string, DynamoValue>> };

export type DynamoItem = Readonly<Record<string, DynamoValue>>;

/** The JSON object of an item. */
export function readDynamoItem(item: DynamoItem): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, readDynamoValue(value)]));
}

function readDynamoValue(value: DynamoValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('L' in value) return value.L.map(readDynamoValue);
  if ('M' in value) return readDynamoItem(value.M);
  return null;
}

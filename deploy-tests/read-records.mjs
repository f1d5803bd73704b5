/** The records that a registry's table holds for callers: without the ones that are removed. */
export async function readRecords(emulator, tableName) {
  const { Items } = await emulator.call('dynamodb', 'Scan', { TableName: tableName, ConsistentRead: true });
  return Items.filter((item) => item.removed?.BOOL !== true).map((item) =>
    Object.fromEntries(Object.entries(item).map(([name, value]) => [name, Object.values(value)[0]])),
  );
}

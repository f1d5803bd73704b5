/**
 * Whether an ARN fits a pattern such as `arn:aws:lambda:eu-west-1:123456789012:function:orders-*`, part by part:
 * a `*` stands for any text without a colon, so it never reaches into another account or region.
 */
export function matchArn(arn: string, pattern: string): boolean {
  const parts = arn.split(':');
  const expected = pattern.split(':');
  return (
    parts.length === expected.length &&
    expected.every((part, index) =>
      new RegExp(`^${part.replace(/[^\w*-]/g, '\\$&').replaceAll('*', '.*')}$`, 's').test(parts[index] ?? ''),
    )
  );
}

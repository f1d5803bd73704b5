/**
 * Where the AWS console shows the stack that owns a record: owners of stacks are the stack's ARN and `#` and a logical id.
 * Undefined for other owners, and for what only looks like one.
 */
export function findStackLink(owner: string | undefined): string | undefined {
  const pattern =
    /^(arn:aws(?:-cn|-us-gov)?:cloudformation:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:stack\/[\w-]+\/[\w-]+)(?:#|$)/;
  const [, arn, region] = pattern.exec(owner ?? '') ?? [];
  if (arn === undefined || region === undefined) return undefined;
  const host = arn.startsWith('arn:aws-cn:')
    ? 'console.amazonaws.cn'
    : arn.startsWith('arn:aws-us-gov:')
      ? 'console.amazonaws-us-gov.com'
      : 'console.aws.amazon.com';
  return `https://${region}.${host}/cloudformation/home?region=${region}#/stacks/stackinfo?stackId=${encodeURIComponent(arn)}`;
}

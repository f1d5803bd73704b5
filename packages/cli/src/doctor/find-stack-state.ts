import { createFetchHandler } from '@amplify-discovery/aws/sdk';
import type { StackState } from '../terminal/shell.ts';

/**
 * Whether a CloudFormation stack is still there, with the AWS SDK's credentials and the given fetch or the SDK's
 * own client. CloudFormation knows a deleted stack by its id for 90 days; an unknown one may be in another account.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export async function findStackState(
  stackId: string,
  region: string,
  fetch: typeof globalThis.fetch | undefined,
): Promise<StackState> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient({ region, ...(fetch && { requestHandler: createFetchHandler(fetch) }) });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
    return Stacks.some(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE') ? 'present' : 'gone';
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return 'unknown';
    throw error;
  } finally {
    client.destroy();
  }
}

import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import { DiscoveryError, followPages } from '@amplify-discovery/core';
import { planClient, type AwsAccess } from './plan-client.ts';

export interface StacksOptions extends AwsAccess {
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds between two looks at a stack. */
  readonly pollMs: number;
}

/** How a stack ended. */
export interface StackEnd {
  /** `gone` when there is none. */
  readonly status: string;
  readonly id: string;
  readonly reason: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** CloudFormation stacks, each operation up to its end. */
export interface Stacks {
  /** Creates or updates the stack. A template of more than 51,200 bytes is given by its URL in S3. */
  deploy(
    name: string,
    template: { readonly body: string } | { readonly url: string },
    parameters?: object,
  ): Promise<StackEnd>;
  remove(name: string): Promise<StackEnd>;
  describe(name: string): Promise<StackEnd>;
  /** The names of the stacks that begin so and are not deleted. */
  list(prefix: string): Promise<readonly string[]>;
}

/** @throws DiscoveryError `RegistryUnavailable` from each operation when CloudFormation refuses it. */
export async function openStacks(options: StacksOptions): Promise<Stacks> {
  const sdk = await import('@aws-sdk/client-cloudformation');
  const { sleep, pollMs } = options;
  const client: CloudFormationClient = new sdk.CloudFormationClient(planClient(options));

  async function find(name: string): Promise<Stack | undefined> {
    try {
      const { Stacks = [] } = await client.send(new sdk.DescribeStacksCommand({ StackName: name }));
      return Stacks.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
    } catch (error) {
      if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
      throw error;
    }
  }

  async function describe(name: string): Promise<StackEnd> {
    const stack = await find(name);
    return {
      status: stack?.StackStatus ?? 'gone',
      id: stack?.StackId ?? '',
      reason: stack?.StackStatusReason ?? '',
      outputs: Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    };
  }

  async function settle(name: string): Promise<StackEnd> {
    for (;;) {
      const end = await describe(name);
      if (!end.status.endsWith('_IN_PROGRESS')) return end;
      await sleep(pollMs);
    }
  }

  async function call<T>(what: string, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (cause) {
      throw new DiscoveryError('RegistryUnavailable', `${what}: ${(cause as Error).message}`, { cause });
    }
  }

  return {
    describe: (name) => call(`Describing ${name}`, () => describe(name)),
    deploy: (name, template, parameters = {}) =>
      call(`Deploying ${name}`, async () => {
        const input = {
          StackName: name,
          ...('body' in template ? { TemplateBody: template.body } : { TemplateURL: template.url }),
          Capabilities: ['CAPABILITY_IAM' as const],
          Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
            ParameterKey,
            ParameterValue: String(ParameterValue),
          })),
        };
        const isThere = (await find(name)) !== undefined;
        await client.send(isThere ? new sdk.UpdateStackCommand(input) : new sdk.CreateStackCommand(input));
        return settle(name);
      }),
    remove: (name) =>
      call(`Removing ${name}`, async () => {
        await client.send(new sdk.DeleteStackCommand({ StackName: name }));
        return settle(name);
      }),
    list: (prefix) =>
      call('Listing stacks', async () => {
        const names: string[] = [];
        await followPages({ what: 'The list of stacks' }, async (token) => {
          const page = await client.send(new sdk.DescribeStacksCommand({ NextToken: token ?? undefined }));
          for (const { StackName = '', StackStatus } of page.Stacks ?? [])
            if (StackName.startsWith(prefix) && StackStatus !== 'DELETE_COMPLETE') names.push(StackName);
          return page.NextToken;
        });
        return names;
      }),
  };
}

import type { DeliveredEvent } from './deliver-event.ts';
import { deployResources, removeResource, restoreResource, type Faults, type Operation } from './run-operation.ts';
import { makeStack, type Stack } from './stack.ts';
import type { InvocationResult, Lambda } from './start-lambda.ts';
import { startResponseServer } from './start-response-server.ts';
import { isOwnResource, type Template } from './template.ts';

export interface CloudFormationOptions {
  /** The function behind the custom resources, or how to find it by its ServiceToken. */
  readonly lambda: Lambda | ((serviceToken: string) => Lambda);
  /** @default 'eu-west-1' */
  readonly region?: string;
}

export interface DeployInput extends Faults {
  readonly template: Template;
  /** Parameters, and the attributes of resources that nothing here creates: `{ Env: 'dev', 'Api.RootUrl': … }`. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** CloudFormation, as far as a custom resource can see it. */
export interface CloudFormation {
  createStack(name: string, input: DeployInput): Promise<Stack>;
  updateStack(stack: Stack, input: DeployInput): Promise<Stack>;
  deleteStack(stack: Stack): Promise<Stack>;
  /**
   * Lambda's queue delivers an event at least once: this is once more, or late for one that was queued. Nothing waits for
   * its answer any more.
   */
  deliverAgain(delivered: DeliveredEvent): Promise<InvocationResult>;
  /** Ends the servers and, by their ids, the processes that were started. */
  stop(): Promise<void>;
}

/**
 * Plays CloudFormation for this project's custom resources in a template: sends the events that CloudFormation
 * sends, to the real code in a real process, and follows its rules for ids, replacement, rollback and clean-up. Other
 * resources exist only by the values that the caller gives for them.
 *
 * @example
 * ```ts
 * const lambda = startLambda({ folder: 'dist/lambda', environment });
 * const cloudFormation = await startCloudFormation({ lambda });
 * const stack = await cloudFormation.createStack('app', { template, values: { 'Api.RootUrl': 'https://…' } });
 * await cloudFormation.deleteStack(stack);
 * await cloudFormation.stop();
 * ```
 */
export async function startCloudFormation({
  lambda,
  region = 'eu-west-1',
}: CloudFormationOptions): Promise<CloudFormation> {
  const responses = await startResponseServer();
  const used = new Set<Lambda>();
  const findLambda = (serviceToken: string) => {
    const found = typeof lambda === 'function' ? lambda(serviceToken) : lambda;
    used.add(found);
    return found;
  };
  const begin = (stack: Stack, faults: Faults): Operation => ({
    stack,
    options: { findLambda, responses, faults },
    pending: [],
  });
  const pseudo = {
    'AWS::Region': region,
    'AWS::AccountId': '111122223333',
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  };

  return {
    createStack: async (name, { template, values = {}, ...faults }) => {
      const stack = makeStack(name, region);
      const operation = begin(stack, faults);
      const all = { ...pseudo, ...getDefaults(template), ...values };
      const { reason } = await deployResources(operation, template, all);
      if (reason === undefined) return Object.assign(stack, { template, values: all });
      const problem = await removeAll(operation);
      await Promise.all(operation.pending);
      return Object.assign(stack, { reason, status: problem === undefined ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED' });
    },

    updateStack: async (stack, { template, values = {}, ...faults }) => {
      const operation = begin(stack, faults);
      const all = { ...stack.values, ...getDefaults(template), ...values };
      const before = new Map(stack.resources);
      const { touched, reason } = await deployResources(operation, template, all);
      if (reason !== undefined) {
        let problem: string | undefined;
        for (const resource of newestFirst(touched)) problem = (await restoreResource(operation, resource)) ?? problem;
        await Promise.all(operation.pending);
        const status = problem === undefined ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_FAILED';
        return Object.assign(stack, { reason: problem ?? reason, status });
      }
      for (const [name, old] of before) {
        const isKept = isOwnResource(template.Resources[name]);
        const current = stack.resources.get(name);
        if (isKept && current?.physicalResourceId === old.physicalResourceId) continue;
        await removeResource(operation, name, old);
        if (!isKept) stack.resources.delete(name);
      }
      return Object.assign(stack, { template, values: all, status: 'UPDATE_COMPLETE', reason: undefined });
    },

    deleteStack: async (stack) => {
      const reason = await removeAll(begin(stack, {}));
      return Object.assign(stack, { reason, status: reason === undefined ? 'DELETE_COMPLETE' : 'DELETE_FAILED' });
    },

    deliverAgain: ({ event, serviceToken }) => findLambda(serviceToken).invoke(event, serviceToken),

    stop: async () => {
      await Promise.all([...used].map((function_) => function_.stop()));
      await responses.stop();
    },
  };
}

async function removeAll(operation: Operation): Promise<string | undefined> {
  const { resources } = operation.stack;
  let problem: string | undefined;
  for (const [name, resource] of newestFirst([...resources])) {
    const reason = await removeResource(operation, name, resource);
    if (reason === undefined) resources.delete(name);
    problem = reason ?? problem;
  }
  return problem;
}

function getDefaults({ Parameters = {} }: Template): Record<string, unknown> {
  const entries = Object.entries(Parameters).filter(([, parameter]) => parameter.Default !== undefined);
  return Object.fromEntries(entries.map(([name, parameter]) => [name, parameter.Default]));
}

function newestFirst<T>(list: readonly T[]): T[] {
  return list.map((_, index) => list[list.length - 1 - index] as T);
}

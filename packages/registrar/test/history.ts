import type { CloudFormation, DeliveredEvent, Stack } from '@amplify-discovery/test-rig/cloudformation';
import fc from 'fast-check';
import { makeTemplate } from './start-deployment.ts';
import type { ModelRecord } from './model-registry.ts';

/** One step of a history: a deployment of one of the stacks, or an event that is delivered once more, or late. */
export type Step =
  | {
      readonly kind: 'deploy';
      readonly stack: number;
      readonly service: string;
      readonly target: number;
      readonly takeover: boolean;
      readonly fault: 'none' | 'lost' | 'sibling fails' | 'queued';
    }
  | { readonly kind: 'remove'; readonly stack: number }
  | { readonly kind: 'repeat'; readonly eventsAgo: number }
  /** One of the events that CloudFormation has given up on comes out of the queue. */
  | { readonly kind: 'late'; readonly which: number };

export const services: readonly string[] = ['users', 'orders', 'carts'];
const stackCount = 3;

/** Histories of several stacks that share few names. */
export function histories({ takeovers, maxLength }: { takeovers: boolean; maxLength: number }): fc.Arbitrary<Step[]> {
  const stack = fc.nat(stackCount - 1);
  const deploy = fc.record({
    kind: fc.constant('deploy' as const),
    stack,
    service: fc.constantFrom(...services),
    target: fc.nat(2),
    takeover: takeovers ? fc.boolean() : fc.constant(false),
    fault: fc.constantFrom<'none' | 'lost' | 'sibling fails' | 'queued'>(
      'none',
      'none',
      'lost',
      'sibling fails',
      'queued',
    ),
  });
  const remove = fc.record({ kind: fc.constant('remove' as const), stack });
  const repeat = fc.record({ kind: fc.constant('repeat' as const), eventsAgo: fc.nat(5) });
  const late = fc.record({ kind: fc.constant('late' as const), which: fc.nat(3) });
  return fc.array(
    fc.oneof(
      { arbitrary: deploy, weight: 5 },
      { arbitrary: remove, weight: 2 },
      { arbitrary: repeat, weight: 3 },
      { arbitrary: late, weight: 2 },
    ),
    { maxLength },
  );
}

/** What a history leads to, worked out event by event without the registrar's code. */
export class Expectation {
  readonly table: Map<string, ModelRecord> = new Map();
  private readonly keys = new Map<string, string>();

  /** Takes the first delivery of an event into account. Tells whether it had an effect. */
  follow({ event, answer, invocation }: DeliveredEvent): boolean {
    // What waits in the queue has a newer event of its resource before it by the time it comes out.
    if (invocation.end === 'queued') return false;
    const { RequestType, ResourceProperties, OldResourceProperties, PhysicalResourceId = '' } = event;
    const owner = `${event.StackId}#${event.LogicalResourceId}`;
    const asked = toKey(ResourceProperties);
    const removeOwn = (key: string | undefined) =>
      key !== undefined && this.table.get(key)?.owner === owner && this.table.delete(key);
    if (RequestType === 'Delete') return removeOwn(this.keys.get(PhysicalResourceId) ?? asked);
    const held = this.table.get(asked);
    const last = OldResourceProperties && toKey(OldResourceProperties);
    const leftover = last === asked || last === this.keys.get(PhysicalResourceId) ? undefined : last;
    removeOwn(leftover);
    if (held && held.owner !== owner && ResourceProperties.Takeover !== 'true') return false;
    this.table.set(asked, { owner, target: String(ResourceProperties.Target) });
    if (answer) this.keys.set(answer.PhysicalResourceId, asked);
    return true;
  }
}

export interface HistoryRun {
  readonly stacks: readonly (Stack | undefined)[];
  /** After each step: what the history meant so far. */
  readonly expectation: Expectation;
  run(step: Step): Promise<void>;
}

/** Plays a history step by step. A stack that was removed, or failed to be created, is created anew under its name. */
export function startHistory(cloudFormation: CloudFormation, stage: string): HistoryRun {
  const stacks: (Stack | undefined)[] = Array.from({ length: stackCount });
  const repeatable: DeliveredEvent[] = [];
  const queued: DeliveredEvent[] = [];
  const expectation = new Expectation();

  function follow(stack: Stack, known: number): void {
    for (const delivered of stack.events.slice(known)) {
      if (delivered.invocation.end === 'queued') queued.push(delivered);
      // A refused registration is not remembered: see the limits in the README.
      if (expectation.follow(delivered) || delivered.event.RequestType === 'Delete') repeatable.push(delivered);
    }
  }

  return {
    stacks,
    expectation,
    run: async (step) => {
      if (step.kind === 'repeat') {
        const delivered = repeatable.at(-1 - step.eventsAgo);
        if (delivered) await cloudFormation.deliverAgain(delivered);
        return;
      }
      if (step.kind === 'late') {
        const [delivered] = queued.splice(step.which % Math.max(queued.length, 1), 1);
        if (delivered) await cloudFormation.deliverAgain(delivered);
        return;
      }
      const current = stacks[step.stack];
      const known = current?.events.length ?? 0;
      if (step.kind === 'remove') {
        if (current) follow(await cloudFormation.deleteStack(current), known);
        stacks[step.stack] = undefined;
        return;
      }
      const { service, target, takeover, fault } = step;
      const input = {
        template: makeTemplate({
          Stage: stage,
          Service: service,
          Target: `https://target-${target}.example`,
          Takeover: takeover,
        }),
        ...(fault === 'lost' && { delivery: { Users: 'lost' as const } }),
        ...(fault === 'sibling fails' && { fail: ['Queue'] }),
        ...(fault === 'queued' && { queued: ['Users'] }),
      };
      const isUpdate = current !== undefined;
      const stack = isUpdate
        ? await cloudFormation.updateStack(current, input)
        : await cloudFormation.createStack(`app-${step.stack}`, input);
      follow(stack, known);
      stacks[step.stack] = stack.status.startsWith('ROLLBACK') ? undefined : stack;
    },
  };
}

function toKey({ Stage, Service, Id = 'default' }: Readonly<Record<string, unknown>>): string {
  return `${String(Stage)}/${String(Service)}/${String(Id)}`;
}

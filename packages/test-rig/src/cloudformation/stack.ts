import { randomBytes, randomUUID } from 'node:crypto';
import type { DeliveredEvent } from './deliver-event.ts';
import type { Template } from './template.ts';

export type StackStatus =
  | 'CREATE_COMPLETE'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED';

/** A custom resource that a stack has. */
export interface StackResource {
  readonly type: string;
  readonly physicalResourceId: string;
  /** What the last event asked for, whether it succeeded or not. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, string>>;
}

/** A stack as it is after an operation. The driver changes it in place, as CloudFormation does. */
export interface Stack {
  readonly name: string;
  readonly id: string;
  status: StackStatus;
  /** Why the last operation failed, in the words of the resource that did. */
  reason: string | undefined;
  template: Template;
  values: Readonly<Record<string, unknown>>;
  readonly resources: Map<string, StackResource>;
  /** All events of the stack, in the order in which they were sent. */
  readonly events: DeliveredEvent[];
}

/** A stack that holds nothing yet. A stack that is created again under its name has another id. */
export function makeStack(name: string, region: string): Stack {
  return {
    name,
    id: `arn:aws:cloudformation:${region}:111122223333:stack/${name}/${randomUUID()}`,
    status: 'CREATE_COMPLETE',
    reason: undefined,
    template: { Resources: {} },
    values: {},
    resources: new Map(),
    events: [],
  };
}

/** The id that CloudFormation makes up for a resource that gave none. */
export function makeUpPhysicalResourceId(stackName: string, logicalResourceId: string): string {
  return `${stackName}-${logicalResourceId}-${randomBytes(6).toString('hex').toUpperCase()}`;
}

import { randomUUID } from 'node:crypto';
import type { InvocationResult, Lambda } from './start-lambda.ts';
import type { Answer, Delivery, ResponseServer, ResponseUrl } from './start-response-server.ts';

/** An event that was sent to the custom resource's function, and what came of it. */
export interface DeliveredEvent {
  readonly event: CustomResourceEvent;
  readonly serviceToken: string;
  /** Undefined when none arrived. */
  readonly answer: Answer | undefined;
  readonly invocation: InvocationResult;
  /** All answers to the event, its repetitions included. */
  readonly response: ResponseUrl;
}

export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly ResponseURL: string;
  readonly ServiceToken: string;
  readonly StackId: string;
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

/** What differs from one event to the next. */
export type EventContents = Pick<
  CustomResourceEvent,
  | 'RequestType'
  | 'StackId'
  | 'ResourceType'
  | 'LogicalResourceId'
  | 'PhysicalResourceId'
  | 'ResourceProperties'
  | 'OldResourceProperties'
>;

export interface DeliverOptions {
  readonly lambda: Lambda;
  readonly responses: ResponseServer;
  readonly delivery?: Delivery | undefined;
  /** Whether the event stays in Lambda's queue for longer than CloudFormation waits. @default false */
  readonly isQueued?: boolean | undefined;
}

/**
 * Sends one event and waits until its function is done. When no answer has arrived by then, none will: that is what
 * CloudFormation finds out after the ServiceTimeout.
 */
export async function deliverEvent(contents: EventContents, options: DeliverOptions): Promise<DeliveredEvent> {
  const { lambda, responses, delivery, isQueued = false } = options;
  const serviceToken = String(contents.ResourceProperties.ServiceToken);
  const response = responses.createUrl(delivery);
  const event: CustomResourceEvent = {
    ...contents,
    RequestId: randomUUID(),
    ResponseURL: response.url,
    ServiceToken: serviceToken,
  };
  const invocation = isQueued ? ({ end: 'queued' } as const) : await lambda.invoke(event, serviceToken);
  const answer = response.answers[0];
  const isForeign = answer && (answer.RequestId !== event.RequestId || answer.StackId !== event.StackId);
  if (isForeign || (answer && answer.LogicalResourceId !== event.LogicalResourceId)) {
    throw new Error(`The answer is not for the event: ${JSON.stringify(answer)}`);
  }
  return { event, serviceToken, answer, invocation, response };
}

import { DiscoveryError } from '@amplify-discovery/core';

/** What CloudFormation sends about one custom resource. The names are CloudFormation's. */
export interface CloudFormationEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly StackId: string;
  /** `Custom::ServiceEndpoint`. Absent where something else than CloudFormation sends the event. */
  readonly ResourceType?: string;
  readonly LogicalResourceId: string;
  /** Where the one answer is to be PUT. */
  readonly ResponseURL: string;
  /** Absent on Create. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  /** On Update: the properties of the last attempt, whether it succeeded or not. */
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

/**
 * The event, checked for what the protocol promises.
 *
 * @throws DiscoveryError `InvalidOptions`, naming what is missing.
 */
export function parseEvent(value: unknown): CloudFormationEvent {
  const event = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const needed = ['RequestId', 'StackId', 'LogicalResourceId', 'ResponseURL'];
  if (event.RequestType !== 'Create') needed.push('PhysicalResourceId');
  const missing = needed.filter((name) => typeof event[name] !== 'string' || event[name] === '');
  if (!['Create', 'Update', 'Delete'].includes(event.RequestType as string)) missing.unshift('RequestType');
  if (missing.length > 0) {
    const message = `This is not an event of a CloudFormation custom resource: ${missing.join(', ')} missing`;
    throw new DiscoveryError('InvalidOptions', message);
  }
  const { ResourceProperties, OldResourceProperties } = event;
  return {
    ...event,
    ResourceProperties: toObject(ResourceProperties),
    OldResourceProperties: toObject(OldResourceProperties),
  } as never;
}

function toObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

import { isDeepStrictEqual } from 'node:util';
import { deliverEvent, type DeliveredEvent, type EventContents } from './deliver-event.ts';
import { resolveIntrinsics } from './resolve-intrinsics.ts';
import { makeUpPhysicalResourceId, type Stack, type StackResource } from './stack.ts';
import type { Lambda } from './start-lambda.ts';
import type { Delivery, ResponseServer } from './start-response-server.ts';
import { isOwnResource, orderResources, type Template } from './template.ts';

/** What goes wrong around the resources under test. */
export interface Faults {
  /** Resources of other types that fail to be created or updated. */
  readonly fail?: readonly string[];
  /** Resources under test that are still busy when another one fails: CloudFormation doesn't wait for them. */
  readonly inFlight?: readonly string[];
  /** What happens to the answers of a resource under test. The events of a rollback are answered normally. */
  readonly delivery?: Readonly<Record<string, Delivery>>;
  /** Resources under test whose event waits in Lambda's queue until CloudFormation has given up on it. */
  readonly queued?: readonly string[];
}

export interface OperationOptions {
  readonly findLambda: (serviceToken: string) => Lambda;
  readonly responses: ResponseServer;
  readonly faults: Faults;
}

/** A resource that an operation has changed, as it was before. */
interface Touched {
  readonly name: string;
  readonly before: StackResource | undefined;
}

/** One operation on one stack: what its parts share. */
export interface Operation {
  readonly stack: Stack;
  readonly options: OperationOptions;
  /** Events that were sent without waiting for them. */
  readonly pending: Promise<unknown>[];
}

/** Deploys the template's resources one after another. The first failure ends it; what was touched is given back. */
export async function deployResources(
  operation: Operation,
  template: Template,
  values: Stack['values'],
): Promise<{ readonly touched: readonly Touched[]; readonly reason: string | undefined }> {
  const { stack, options } = operation;
  const touched: Touched[] = [];
  const failed = (options.faults.fail ?? []).map((name) => `${name} failed`);
  for (const name of orderResources(template)) {
    if (!isOwnResource(template.Resources[name])) {
      if (options.faults.fail?.includes(name)) return { touched, reason: failed[0] };
      continue;
    }
    const properties = resolveProperties(stack, template, values, name);
    const before = stack.resources.get(name);
    if (before && isDeepStrictEqual(before.properties, properties)) continue;
    touched.push({ name, before });
    const type = template.Resources[name]?.Type ?? '';
    const reason = await deployResource(operation, { name, type, properties });
    if (reason !== undefined) return { touched, reason };
  }
  // What fails beside resources that are in flight need not come after them in the template.
  return { touched, reason: failed[0] };
}

async function deployResource(
  operation: Operation,
  resource: Pick<StackResource, 'type' | 'properties'> & { readonly name: string },
): Promise<string | undefined> {
  const { stack, options } = operation;
  const { name, type, properties } = resource;
  const before = stack.resources.get(name);
  const sent = send(
    operation,
    before
      ? {
          RequestType: 'Update',
          PhysicalResourceId: before.physicalResourceId,
          OldResourceProperties: before.properties,
          ...describe(stack, name, resource),
        }
      : { RequestType: 'Create', ...describe(stack, name, resource) },
    { delivery: options.faults.delivery?.[name], isQueued: options.faults.queued?.includes(name) },
  );
  const isInFlight = options.faults.inFlight?.includes(name);
  if (isInFlight) operation.pending.push(sent);
  const answer = isInFlight ? undefined : (await sent).answer;
  const isNew = answer !== undefined && (answer.Status === 'SUCCESS' || !before);
  const unanswered = before?.physicalResourceId ?? makeUpPhysicalResourceId(stack.name, name);
  stack.resources.set(name, {
    physicalResourceId: isNew ? answer.PhysicalResourceId : unanswered,
    type,
    properties,
    data: answer?.Data ?? before?.data ?? {},
  });
  if (isInFlight || answer?.Status === 'SUCCESS') return undefined;
  return answer ? String(answer.Reason) : `${name} did not respond within the service timeout`;
}

/** Sends Delete for a resource. Gives the reason why it failed. */
export async function removeResource(
  operation: Operation,
  name: string,
  resource: StackResource,
): Promise<string | undefined> {
  const contents = describe(operation.stack, name, resource);
  const { answer } = await send(operation, {
    RequestType: 'Delete',
    PhysicalResourceId: resource.physicalResourceId,
    ...contents,
  });
  if (answer?.Status === 'SUCCESS') return undefined;
  return answer?.Reason ?? `${name} did not respond within the service timeout`;
}

/** Brings a resource back to what it was before a failed update. Gives the reason why that failed. */
export async function restoreResource(operation: Operation, { name, before }: Touched): Promise<string | undefined> {
  const { stack } = operation;
  const current = stack.resources.get(name);
  if (!current) return undefined;
  if (!before) {
    const reason = await removeResource(operation, name, current);
    if (reason === undefined) stack.resources.delete(name);
    return reason;
  }
  const { answer } = await send(operation, {
    RequestType: 'Update',
    PhysicalResourceId: current.physicalResourceId,
    OldResourceProperties: current.properties,
    ...describe(stack, name, before),
  });
  if (answer?.Status !== 'SUCCESS') return answer?.Reason ?? `${name} did not respond within the service timeout`;
  const { PhysicalResourceId: physicalResourceId, Data: data = {} } = answer;
  stack.resources.set(name, { ...before, physicalResourceId, data });
  if (physicalResourceId !== current.physicalResourceId) await removeResource(operation, name, current);
  return undefined;
}

function resolveProperties(
  stack: Stack,
  template: Template,
  values: Stack['values'],
  name: string,
): StackResource['properties'] {
  const data = [...stack.resources].flatMap(([other, resource]) => [
    [other, resource.physicalResourceId],
    ...Object.entries(resource.data).map(([key, value]) => [`${other}.${key}`, value]),
  ]);
  const all = {
    ...values,
    ...(Object.fromEntries(data) as object),
    'AWS::StackId': stack.id,
    'AWS::StackName': stack.name,
  };
  return resolveIntrinsics(template.Resources[name]?.Properties ?? {}, all) as StackResource['properties'];
}

function describe(
  stack: Stack,
  name: string,
  { type, properties }: Pick<StackResource, 'type' | 'properties'>,
): Omit<EventContents, 'RequestType'> {
  return { StackId: stack.id, ResourceType: type, LogicalResourceId: name, ResourceProperties: properties };
}

async function send(
  { stack, options }: Operation,
  contents: EventContents,
  fault: { readonly delivery?: Delivery | undefined; readonly isQueued?: boolean | undefined } = {},
): Promise<DeliveredEvent> {
  const lambda = options.findLambda(String(contents.ResourceProperties.ServiceToken));
  const delivered = await deliverEvent(contents, { lambda, responses: options.responses, ...fault });
  stack.events.push(delivered);
  return delivered;
}

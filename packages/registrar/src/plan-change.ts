import type { CloudFormationEvent } from '@amplify-discovery/aws/custom-resource';
import type { DeregisterEndpointInput, RegisterEndpointInput } from '@amplify-discovery/registry/operations';
import { getOwner } from './get-owner.ts';
import { parseProperties, findPropertiesKey } from './parse-properties.ts';
import {
  findKey,
  isMadeUp,
  isSameKey,
  createPhysicalResourceId,
  notRegistered,
  type EndpointKey,
} from './physical-resource-id.ts';

/** What one event asks of the registry, which decides by its record whether the change still applies. */
export type ChangePlan =
  | {
      readonly action: 'register';
      readonly input: RegisterEndpointInput;
      readonly physicalResourceId: string;
      /** What an update that failed may have left behind. It goes once the registration has taken effect. */
      readonly leftover?: DeregisterEndpointInput;
    }
  | {
      readonly action: 'deregister';
      readonly input: DeregisterEndpointInput;
      readonly physicalResourceId: string;
      /** Nothing keeps a Create that still runs from registering after the first look. */
      readonly mayAppear: boolean;
    }
  | { readonly action: 'nothing'; readonly physicalResourceId: string; readonly reason: string };

export interface PlanOptions {
  /** When the event was made: of one owner's requests the newest counts, in whatever order they arrive. */
  readonly requestedAt?: string | undefined;
  /** What the registry that is written to is known by: see `Configuration`. */
  readonly registry: string;
  /** The scope that the registry is to judge the change by. Without one no scope limits it. */
  readonly scope?: string | undefined;
}

/**
 * The change that an event asks for.
 *
 * - Create and Update register the key in the properties. An id that changes with it makes CloudFormation delete the old
 *   key once the whole stack has succeeded.
 * - Delete removes the key in the PhysicalResourceId, never the one in the properties: those can be newer.
 * - A Delete with an id that CloudFormation made up follows a Create that was cancelled or never answered. Only then the
 *   properties give the key: there is nothing else to go by, and this owner has no other registration of it.
 *
 * @throws DiscoveryError `InvalidRecord` for the properties.
 */
export function planChange(event: CloudFormationEvent, options: PlanOptions): ChangePlan {
  const { registry } = options;
  const owner = getOwner(event);
  const request = describeRequest(event, options);
  const holder = { registry, owner };
  if (event.RequestType === 'Delete') return planRemoval(event, options);

  const registration = parseProperties(event.ResourceProperties, event.StackId.split(':').at(3) || undefined);
  const physicalResourceId = createPhysicalResourceId(registration, holder);
  const leftover = findLeftover(event, registration, findKey(event.PhysicalResourceId ?? '', holder));
  return {
    action: 'register',
    input: { ...registration, ...request },
    physicalResourceId,
    ...(leftover && { leftover: { ...leftover, ...request } }),
  };
}

function planRemoval(event: CloudFormationEvent, options: PlanOptions): ChangePlan {
  const { registry } = options;
  const { PhysicalResourceId: physicalResourceId = notRegistered } = event;
  const owner = getOwner(event);
  const request = describeRequest(event, options);
  const key = findKey(physicalResourceId, { registry, owner });
  if (key) {
    return { action: 'deregister', input: { ...key, ...request }, physicalResourceId, mayAppear: false };
  }
  const asked = findPropertiesKey(event.ResourceProperties);
  if (asked && isMadeUp(physicalResourceId, event.LogicalResourceId)) {
    const { requestedAt } = request;
    if (requestedAt === undefined)
      return { action: 'deregister', input: { ...asked, ...request }, physicalResourceId, mayAppear: true };
    // The registry remembers the removal, and a Create that was made before it registers nothing any more; nor one of the
    // same second, because CloudFormation never creates the resource anew within the second in which it gave it up.
    const input = { ...asked, ...request, requestedAt: requestedAt.replace('Z', '.999Z') };
    return { action: 'deregister', input, physicalResourceId, mayAppear: false };
  }
  return {
    action: 'nothing',
    physicalResourceId,
    reason: 'The PhysicalResourceId is not that of a registration of this resource',
  };
}

function describeRequest(
  event: CloudFormationEvent,
  { requestedAt, scope }: PlanOptions,
): Pick<DeregisterEndpointInput, 'owner' | 'requestId' | 'requestedAt' | 'scope'> {
  return {
    owner: getOwner(event),
    requestId: event.RequestId,
    ...(requestedAt !== undefined && { requestedAt }),
    ...(scope !== undefined && { scope }),
  };
}

/**
 * After an update that failed, CloudFormation calls with the id from before it, but with the failed update's properties
 * as the old ones. Where that update changed the key, no later event will remove what it may have registered.
 */
function findLeftover(
  event: CloudFormationEvent,
  next: EndpointKey,
  current: EndpointKey | undefined,
): EndpointKey | undefined {
  const last = findPropertiesKey(event.OldResourceProperties ?? {});
  return current && last && !isSameKey(last, next) && !isSameKey(last, current) ? last : undefined;
}

import { createHash } from 'node:crypto';
import { isName } from '@amplify-discovery/core';

/** What identifies a record within a registry. */
export interface EndpointKey {
  readonly stage: string;
  readonly service: string;
  readonly id: string;
}

/** Whose record it is: what the registry is known by (its name, or its URL), and the owner in it. */
export interface Holder {
  readonly registry: string;
  readonly owner: string;
}

/**
 * The answer to a Create that was refused before anything could have been registered: its Delete has nothing to do.
 */
export const notRegistered = 'discovery:not-registered';

/**
 * The PhysicalResourceId of a registration: the same for the same registry, key and owner, and another one as soon as
 * one of them changes. The key stays readable; the digest ties it to registry and owner. At most 434 characters.
 */
export function createPhysicalResourceId({ stage, service, id }: EndpointKey, holder: Holder): string {
  const key = `${stage}/${service}/${id}`;
  return `discovery:${key}:${digest(key, holder)}`;
}

/** The key in a PhysicalResourceId that this holder was given, or undefined for any other text. */
export function findKey(physicalResourceId: string, holder: Holder): EndpointKey | undefined {
  const [, key = '', found] = /^discovery:([^:]+):([0-9a-f]{32})$/.exec(physicalResourceId) ?? [];
  const [stage, service, id, ...rest] = key.split('/');
  if (!isName(stage) || !isName(service) || !isName(id) || rest.length > 0) return undefined;
  return found === digest(key, holder) ? { stage, service, id } : undefined;
}

/**
 * Whether CloudFormation made this id up itself, as it does for the Delete of a resource whose Create it cancelled or never
 * got an answer to: stack name, logical id and a random part.
 */
export function isMadeUp(physicalResourceId: string, logicalResourceId: string): boolean {
  return /^[A-Z0-9]{6,}$/i.test(physicalResourceId.split(`-${logicalResourceId}-`).slice(1).at(-1) ?? '');
}

export function isSameKey(one: EndpointKey | undefined, other: EndpointKey | undefined): boolean {
  return one?.stage === other?.stage && one?.service === other?.service && one?.id === other?.id;
}

function digest(key: string, { registry, owner }: Holder): string {
  return createHash('sha256')
    .update(JSON.stringify([registry, owner, key]))
    .digest('hex')
    .slice(0, 32);
}

import { showText } from '../engine/show-text.ts';
import { hashApplications, type EurekaInstance } from './applications.ts';

/** An instance of a server's answer: any of its fields may be absent or something else. */
export type ReadInstance = { readonly [F in keyof EurekaInstance]?: unknown };

/** By application and id. */
export type Instances = ReadonlyMap<string, ReadInstance>;

interface Answer {
  readonly instances: Instances;
  /** `apps__hashcode` */
  readonly hash: string;
}

/**
 * The instances of an answer to `/apps`. Undefined for one that isn't an answer of Eureka's. Servers with an older encoder give
 * an object in place of a list with one entry.
 */
export function readApplications(body: unknown): Answer | undefined {
  const applications = asObject(asObject(body)?.['applications']);
  if (!applications) return undefined;
  const instances = new Map<string, ReadInstance>();
  for (const application of asList(applications['application'])) {
    const { name, instance } = asObject(application) ?? {};
    for (const one of asList(instance)) {
      const found = asObject(one);
      if (!found) return undefined;
      instances.set(`${showText(name)}/${showText(found['instanceId'] ?? found['hostName'])}`, found);
    }
  }
  return { instances, hash: showText(applications['apps__hashcode']) };
}

/** What the instances are after a delta; undefined where that is not what the server has, so that all is to be read. */
export function applyDelta(known: Instances, { instances: changes, hash }: Answer): Instances | undefined {
  const next = new Map(known);
  for (const [key, change] of changes) {
    if (change.actionType === 'DELETED') next.delete(key);
    else next.set(key, change);
  }
  return hashApplications(next.values()) === hash ? next : undefined;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value == null ? [] : [value];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

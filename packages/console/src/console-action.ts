import { isName } from '@amplify-discovery/core';
import * as v from 'valibot';

/** A change that the page asks for. Each is planned and shown before it is written. */
export type ConsoleAction = ShiftAction | RegisterAction | DeregisterAction | RollbackAction;

interface ServiceAction {
  readonly stage: string;
  readonly service: string;
}

/** Overrides records for this time instead of registering them anew. */
interface ActionTime {
  /** `2h`, `30m`, `1d`. */
  readonly for: string;
  readonly reason: string;
}

export interface ShiftAction extends ServiceAction {
  readonly kind: 'shift';
  readonly tenant?: string | undefined;
  /** Percentages by endpoint id; the others share the rest. */
  readonly shares: Readonly<Record<string, number>>;
  readonly time?: ActionTime | undefined;
}

export interface RegisterAction extends ServiceAction {
  readonly kind: 'register';
  readonly id?: string | undefined;
  readonly target: string;
  readonly version?: string | undefined;
  readonly weight?: number | undefined;
}

/** Removes exactly the record with this token. */
export interface DeregisterAction extends ServiceAction {
  readonly kind: 'deregister';
  readonly id: string;
  readonly token: string;
  readonly reason: string;
}

export interface RollbackAction {
  readonly kind: 'rollback';
  readonly stage: string;
  /** As `HistoryEntry.version`. */
  readonly version: string;
  /** De-register what that state lacks. */
  readonly removesAdded: boolean;
  readonly time?: ActionTime | undefined;
}

const name: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.check((value) => isName(value), 'is not a valid name'),
);
const text: v.GenericSchema<string> = v.pipe(v.string(), v.trim(), v.nonEmpty('is missing'), v.maxLength(1024));
const service = { stage: name, service: name };
const time: v.GenericSchema<ActionTime | undefined> = v.optional(v.object({ for: text, reason: text }));

const actionSchema: v.GenericSchema<unknown, ConsoleAction> = v.variant('kind', [
  v.object({
    kind: v.literal('shift'),
    ...service,
    tenant: v.optional(name),
    shares: v.record(name, v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
    time,
  }),
  v.object({
    kind: v.literal('register'),
    ...service,
    id: v.optional(name),
    target: text,
    version: v.optional(text),
    weight: v.optional(v.number()),
  }),
  v.object({ kind: v.literal('deregister'), ...service, id: name, token: text, reason: text }),
  v.object({ kind: v.literal('rollback'), stage: name, version: text, removesAdded: v.boolean(), time }),
]);

/** The action in a request's body, or what is wrong with it, in words. */
export function parseAction(value: unknown): { readonly action: ConsoleAction } | { readonly fault: string } {
  const result = v.safeParse(actionSchema, value);
  if (result.success) return { action: result.output };
  return { fault: result.issues.map((issue) => `${v.getDotPath(issue) ?? 'The action'}: ${issue.message}`).join('; ') };
}

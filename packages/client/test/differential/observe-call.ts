import { isCancelError } from 'aws-amplify/api';
import type { Target, WireRequest } from './start-target.ts';

/** How a caller reads a body, in this order. */
export type Reading = readonly ('json' | 'text' | 'blob')[];

/** When the caller cancels, and with which message. */
export interface Cancelling {
  readonly when: 'at once' | 'on arrival' | 'after the response';
  readonly message: string | undefined;
}

/** Everything that a call did: on the wire, and to its caller. */
export interface Observation {
  readonly wire: readonly WireRequest[];
  readonly outcome: 'returned' | 'rejected' | 'threw';
  readonly value: unknown;
}

interface Operation {
  readonly response: Promise<{
    readonly statusCode: number;
    readonly headers: object;
    readonly body: Record<'json' | 'text' | 'blob', () => Promise<unknown>>;
  }>;
  cancel(message?: string): void;
}

/** Starts a call, cancels it as planned, reads the answer as planned, and returns what happened. */
export async function observeCall(
  start: () => unknown,
  target: Target,
  reading: Reading,
  cancelling?: Cancelling,
): Promise<Observation> {
  let operation: Operation;
  try {
    operation = start() as Operation;
  } catch (error) {
    return { wire: target.requests, outcome: 'threw', value: describeError(error) };
  }
  const cancel = () => operation.cancel(cancelling?.message);
  if (cancelling?.when === 'at once') cancel();
  if (cancelling?.when === 'on arrival') void target.arrival.then(cancel);
  try {
    const { statusCode, headers, body } = await operation.response;
    if (cancelling?.when === 'after the response') cancel();
    const read = [];
    for (const accessor of reading) read.push([accessor, await readBody(body[accessor])]);
    const { date: _, ...steady } = headers as Record<string, string>;
    return { wire: target.requests, outcome: 'returned', value: { statusCode, headers: steady, read } };
  } catch (error) {
    return { wire: target.requests, outcome: 'rejected', value: describeError(error) };
  }
}

async function readBody(read: () => Promise<unknown>): Promise<unknown> {
  try {
    const value = await read();
    return value instanceof Blob ? { type: value.type, text: await value.text() } : { value };
  } catch (error) {
    return { failed: (error as Partial<Error> | undefined)?.name ?? error };
  }
}

/** What callers see of an error. */
export function describeError(error: unknown): unknown {
  // Errors of fetch are of another realm than those of a test.
  if (typeof error !== 'object' || !error || !('message' in error)) return { thrown: error };
  const { name, message, code, recoverySuggestion, underlyingError, response } = error as Error &
    Record<string, unknown>;
  const { statusCode, headers, body } = (response ?? {}) as Record<string, unknown>;
  const { date: _, ...steady } = (headers ?? {}) as Record<string, unknown>;
  return {
    type: error.constructor.name,
    name,
    message,
    code,
    recoverySuggestion,
    isCancelled: isCancelError(error),
    cause: (underlyingError as Error | undefined)?.name,
    ...(response !== undefined && { response: { statusCode, headers: steady, body } }),
  };
}

import { createWriterError, isDiscoveryError, type DiscoveryErrorCode } from '@amplify-discovery/core';
import type { GraphqlTransport } from './graphql-transport.ts';
import { isUnknownField } from './is-unknown-field.ts';
import { nameDenial } from './name-denial.ts';

export interface OperationOptions {
  /** Aborting rejects with `signal.reason`. A write that was already sent may still happen. */
  readonly signal?: AbortSignal;
  /** @default 10000 */
  readonly timeoutMs?: number;
  /** What the registry is called in messages, its URL for one. @default not at all */
  readonly name?: string;
}

interface Operation extends OperationOptions {
  readonly field: string;
  /** For a registry of the current contract, or of the one before it. */
  readonly query: (isOlder: boolean) => string;
  readonly variables: (isOlder: boolean) => Readonly<Record<string, unknown>>;
  readonly about: { readonly stage?: string; readonly service?: string };
}

/** The registry's own error types, which are codes of ours as they are. */
const ownCodes: readonly DiscoveryErrorCode[] = [
  'RegistrationConflict',
  'ConcurrentChange',
  'RegistryDenied',
  'ServiceFrozen',
  'InvalidRecord',
  'InvalidOptions',
];

/**
 * The value of the operation's one field; the registry's errors become DiscoveryErrors here and nowhere else. A registry that
 * does not know a field refuses the whole request before anything of it is done; it is asked again, once, for what it knows.
 */
export async function executeOperation<T>(transport: GraphqlTransport, operation: Operation): Promise<T> {
  try {
    return await send(transport, operation, false);
  } catch (error) {
    if (!isDiscoveryError(error) || !isUnknownField((error.cause as GraphqlError[] | undefined)?.[0]?.message))
      throw error;
    return send(transport, operation, true);
  }
}

async function send<T>(transport: GraphqlTransport, operation: Operation, isOlder: boolean): Promise<T> {
  const { field, query, variables, about, signal, timeoutMs = 10_000, name } = operation;
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const combined = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const what = `${field}${about.service === undefined ? '' : ` of "${about.service}"`}${about.stage === undefined ? '' : ` in "${about.stage}"`}${name === undefined ? '' : ` at ${name}`}`;
  const fail = (code: DiscoveryErrorCode, found: string, cause?: unknown) =>
    createWriterError(code, `${what}: ${found}`, { ...about, cause });

  let answer;
  try {
    answer = await Promise.race([
      transport({ query: query(isOlder), variables: variables(isOlder), signal: combined }),
      rejectOnAbort(combined),
    ]);
  } catch (error) {
    signal?.throwIfAborted();
    if (isDiscoveryError(error)) throw error;
    throw fail(
      'RegistryUnavailable',
      timeout.aborted ? `no answer in ${timeoutMs} ms` : `no answer: ${(error as Error).message}`,
      error,
    );
  }

  const { status } = answer;
  const body = (answer.body ?? {}) as { data?: Record<string, T | null> | null; errors?: readonly GraphqlError[] };
  const error = Array.isArray(body.errors) ? body.errors[0] : undefined;
  const value = body.data?.[field];
  if (status === 200 && !error && value !== undefined && value !== null) return value;
  throw fail(codeOf(status, error), error?.message ?? `HTTP ${status} without an answer`, body.errors);
}

interface GraphqlError {
  readonly message?: string;
  readonly errorType?: string | null;
}

function codeOf(status: number, error: GraphqlError | undefined): DiscoveryErrorCode {
  const type = error?.errorType ?? '';
  const own = ownCodes.find((code) => code === type);
  if (own !== undefined) return own;
  if (status === 401 || status === 403 || type.startsWith('Unauthorized')) return nameDenial(error?.message);
  // What does not fit the schema (an unknown kind, a malformed time) is refused before any resolver runs.
  if (/^(Validation error|Variable )/.test(error?.message ?? '')) return 'InvalidRecord';
  return 'RegistryUnavailable';
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

import { DiscoveryError } from '@amplify-discovery/core';

/** A published snapshot: all endpoints of one stage at one revision, for how long they are valid, and in which order it was published. */
export interface SnapshotDocument {
  readonly stage: string;
  /** Greater in every later publication of the same object. */
  readonly sequence: number;
  /** Milliseconds since the epoch, as is `expiresAt`. */
  readonly issuedAt: number;
  /** From then on the document is refused, signed or not. */
  readonly expiresAt: number;
  readonly revision: string;
  /** Untrusted until a resolver has parsed every record. */
  readonly endpoints: readonly unknown[];
  /** Endpoints with a URL were left out. */
  readonly partial?: boolean | undefined;
}

/**
 * The document's one byte form: endpoints in the order of service and id, nulls left out, times as ISO 8601 text,
 * so that equal documents are equal bytes and a person can read them.
 */
export function serializeDocument(document: SnapshotDocument): Uint8Array {
  const { stage, sequence, issuedAt, expiresAt, revision, partial } = document;
  const endpoints = [...(document.endpoints as readonly Record<string, unknown>[])].sort((left, right) =>
    keyOf(left) < keyOf(right) ? -1 : 1,
  );
  const value = {
    stage,
    sequence,
    issuedAt: new Date(issuedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    revision,
    partial: partial || undefined,
    endpoints,
  };
  return new TextEncoder().encode(JSON.stringify(value, (_, field: unknown) => field ?? undefined));
}

/**
 * Reads a document of this stage. Its signature has to be checked before.
 *
 * @throws DiscoveryError `RegistryUnavailable` when it is malformed or of another stage.
 */
export function parseDocument(bytes: Uint8Array, stage: string): SnapshotDocument {
  const malformed = (what: string) =>
    new DiscoveryError('RegistryUnavailable', `Snapshot of "${stage}": ${what}`, { stage });
  let value: Record<string, unknown> | null;
  let issuedAt: number;
  let expiresAt: number;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Record<string, unknown> | null;
    // It throws for an object that has a `toString` of its own.
    issuedAt = Date.parse(value?.issuedAt as string);
    expiresAt = Date.parse(value?.expiresAt as string);
  } catch {
    throw malformed('it is not a document');
  }
  const { sequence, revision, endpoints } = value ?? {};
  if (
    !Number.isSafeInteger(sequence) ||
    !revision ||
    typeof revision !== 'string' ||
    !Array.isArray(endpoints) ||
    Number.isNaN(issuedAt + expiresAt)
  ) {
    throw malformed('sequence, revision, endpoints or times are missing');
  }
  if (value?.stage !== stage) throw malformed(`it is of stage ${JSON.stringify(value?.stage)}`);
  const partial = value.partial === true || undefined;
  return { stage, sequence: sequence as number, issuedAt, expiresAt, revision, partial, endpoints };
}

function keyOf({ service, id }: Record<string, unknown>): string {
  return `${String(service)}#${String(id ?? 'default')}`;
}

import { DiscoveryError } from '@amplify-discovery/core';
import { parseDocument, type SnapshotDocument } from './snapshot-document.ts';
import type { TrustedKey } from '@amplify-discovery/core';
import { openPayload } from './snapshot-envelope.ts';

export interface OpenSnapshotOptions {
  /** The stage that was asked for: a snapshot of another one is refused. */
  readonly stage: string;
  /** Two while a key is being replaced. @default signatures are not checked */
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * The document in a published file: first its signature is verified, then it is parsed, then its stage and its expiry
 * are checked.
 *
 * @throws DiscoveryError `SignatureInvalid`; `RegistryUnavailable` when it is malformed, of another stage, or expired.
 *
 * @example
 * ```ts
 * const { endpoints } = await openSnapshot(await readFile('Production.json'), { stage: 'Production', trustedKeys });
 * ```
 */
export async function openSnapshot(file: Uint8Array, options: OpenSnapshotOptions): Promise<SnapshotDocument> {
  const { stage, trustedKeys, now = Date.now } = options;
  const document = parseDocument(await openPayload(file, trustedKeys, stage), stage);
  checkExpiry(document, now());
  return document;
}

/** @throws DiscoveryError `RegistryUnavailable` when the document is past its time. */
export function checkExpiry({ stage, expiresAt }: SnapshotDocument, now: number): void {
  if (now < expiresAt) return;
  const when = new Date(expiresAt).toISOString();
  throw new DiscoveryError(
    'RegistryUnavailable',
    `Snapshot of "${stage}" expired at ${when}: the publisher has not renewed it`,
    { stage },
  );
}

import { DiscoveryError } from '@amplify-discovery/core';
import type { TrustedKey } from './snapshot-envelope.ts';

/**
 * The trusted keys in the JSON text of a list of public JWKs, as the publisher's deployment gives it. Text that can't be
 * read, or an empty list, never turns verification off.
 *
 * @throws DiscoveryError `InvalidOptions`, beginning with where the text comes from.
 */
export function parseTrustedKeys(text: string, where: string): readonly TrustedKey[] {
  let keys: unknown;
  try {
    keys = JSON.parse(text);
  } catch {
    // Reported below.
  }
  if (Array.isArray(keys) && keys.length && keys.every(isTrustedKey)) return keys;
  throw new DiscoveryError(
    'InvalidOptions',
    `${where}: is not a JSON list of P-256 public keys in JWK form with a kid`,
  );
}

/** Whether the value is a P-256 public key in JWK form with a kid. */
export function isTrustedKey(value: unknown): value is TrustedKey {
  const { kid, kty, crv, x, y } = (value ?? {}) as Partial<Record<keyof TrustedKey, unknown>>;
  return kty === 'EC' && crv === 'P-256' && [kid, x, y].every((part) => typeof part === 'string' && part !== '');
}

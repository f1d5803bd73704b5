import { DiscoveryError } from '../discovery-error.ts';

/** A public key that snapshots may be signed with: a P-256 JWK with the `kid` that the signer states. */
export interface TrustedKey {
  readonly kid: string;
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/**
 * A list of trusted keys, given as it is or as the JSON text that a publisher's deployment has of it. What can't be read,
 * or an empty list, never turns verification off.
 *
 * @throws DiscoveryError `InvalidOptions`, beginning with where the keys come from.
 */
export function parseTrustedKeys(value: unknown, where: string): readonly TrustedKey[] {
  let keys = value;
  try {
    if (typeof value === 'string') keys = JSON.parse(value);
  } catch {
    // Refused below.
  }
  if (Array.isArray(keys) && keys.length && keys.every(isTrustedKey)) return keys;
  throw new DiscoveryError('InvalidOptions', `${where}: is not a list of P-256 public keys in JWK form with a kid`);
}

/** Whether the value is a P-256 public key in JWK form with a kid. */
export function isTrustedKey(value: unknown): value is TrustedKey {
  const { kid, kty, crv, x, y } = (value ?? {}) as Partial<Record<keyof TrustedKey, unknown>>;
  return kty === 'EC' && crv === 'P-256' && [kid, x, y].every((part) => typeof part === 'string' && part !== '');
}

import { isTrustedKey, type TrustedKey } from '@amplify-discovery/core';
import { array, custom, minLength, pipe, transform, unknown } from 'valibot';
import { readJsonFile } from '../terminal/read-json-file.ts';

/** One JWK or a list. */
const keys = pipe(
  unknown(),
  transform((value) => (Array.isArray(value) ? (value as unknown[]) : [value])),
  array(custom<TrustedKey>(isTrustedKey, 'must be a P-256 public key in JWK form with a kid')),
  minLength(1, 'must hold at least one key'),
);

/**
 * The public keys in a file. Undefined without a file: signatures are not checked then.
 *
 * @throws DiscoveryError `InvalidOptions` when it holds anything else.
 */
export async function readTrustedKeys(
  file: string | undefined,
  cwd: string,
): Promise<readonly TrustedKey[] | undefined> {
  return file === undefined ? undefined : readJsonFile('--trusted-keys', file, cwd, keys);
}

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import { isTrustedKey, type TrustedKey } from '@amplify-discovery/core';
import { describeFileError } from '../terminal/describe-file-error.ts';

/**
 * The public keys in a file: one JWK or a list. Undefined without a file: signatures are not looked at then.
 *
 * @throws DiscoveryError `InvalidOptions` when it holds anything else.
 */
export async function readTrustedKeys(
  file: string | undefined,
  cwd: string,
): Promise<readonly TrustedKey[] | undefined> {
  if (file === undefined) return undefined;
  let keys: unknown;
  try {
    keys = JSON.parse(await readFile(resolve(cwd, file), 'utf8'));
  } catch (error) {
    throw describeFileError('--trusted-keys', error);
  }
  const list = Array.isArray(keys) ? keys : [keys];
  if (list.length > 0 && list.every(isTrustedKey)) return list;
  throw new DiscoveryError(
    'InvalidOptions',
    `--trusted-keys: ${file} holds no P-256 public keys in JWK form with a kid`,
  );
}

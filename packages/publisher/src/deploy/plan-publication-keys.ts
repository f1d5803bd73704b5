import { DiscoveryError } from '@amplify-discovery/core';

/** The key that the publisher signs with. */
export interface SigningKey {
  /** Id or ARN. */
  readonly keyId: string;
  /** @default the key's id */
  readonly kid?: string | undefined;
}

/** A key whose public half readers get. */
export interface PublicationKey {
  readonly keyArn: string;
  /** @default the key's id */
  readonly kid: string | undefined;
}

/** As many as an answer to CloudFormation has room for. */
const maximumKeys = 5;

/**
 * The keys that a `Custom::SnapshotPublication` lists for readers, in that order, by which a template asks for them; with the
 * name that the signing one goes by.
 *
 * @throws DiscoveryError `InvalidOptions` when it is not a list of keys, or readers of the list would refuse what is signed.
 */
export function planPublicationKeys(given: unknown, signingKey: SigningKey | undefined): readonly PublicationKey[] {
  const keys: unknown[] = Array.isArray(given) ? given : given === undefined || given === '' ? [] : [given];
  const isKey = (key: unknown): key is string => typeof key === 'string' && key !== '';
  if (!keys.every(isKey)) refuse('is not a list of ARNs of KMS keys');
  if (keys.length > maximumKeys) refuse(`has ${keys.length} keys, and ${maximumKeys} are the most`);
  if (keys.length > 0 && !signingKey)
    refuse('has keys, but nothing is signed: set DISCOVERY_SNAPSHOT_KEY, or leave Keys out');
  const isSigning = (key: string) => signingKey !== undefined && idOf(key) === idOf(signingKey.keyId);
  if (keys.length > 0 && !keys.some(isSigning))
    refuse(`lacks ${signingKey?.keyId}, which signs: readers would refuse every snapshot`);
  return keys.map((keyArn) => ({ keyArn, kid: isSigning(keyArn) ? signingKey?.kid : undefined }));
}

function refuse(problem: string): never {
  throw new DiscoveryError('InvalidOptions', `Keys of Custom::SnapshotPublication ${problem}`);
}

function idOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

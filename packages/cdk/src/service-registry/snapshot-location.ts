import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/** A public key in JWK form. */
export interface SnapshotKey {
  readonly kid: string;
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** Where published snapshots are that everyone may read, and which keys sign them. */
export interface SnapshotLocation {
  /** https, with `{stage}` in it. */
  readonly url: string;
  /**
   * The keys, or the JSON text of a list of them. Readers that are told keys accept nothing that none of them signed.
   *
   * @default signatures aren't looked at
   */
  readonly trustedKeys?: readonly SnapshotKey[] | string | undefined;
}

/** @throws DiscoveryError `InvalidOptions` for what no reader could use, as far as it is known. */
export function checkSnapshotLocation(scope: IConstruct, { url, trustedKeys }: SnapshotLocation): void {
  if (!Token.isUnresolved(url) && !/^https:\/\/[^?#]*\{stage\}/.test(url))
    refuseConstruct(scope, `snapshot.url: "${url}" is not like https://cdn.example.com/{stage}.public.json`);
  if (trustedKeys === undefined || (typeof trustedKeys === 'string' && Token.isUnresolved(trustedKeys))) return;
  const keys = typeof trustedKeys === 'string' ? parse(trustedKeys) : trustedKeys;
  if (!Array.isArray(keys) || keys.length === 0)
    refuseConstruct(
      scope,
      'snapshot.trustedKeys: has to be a list of public keys, or left out where snapshots are not signed; an empty list trusts nothing',
    );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { DiscoveryError } from '@amplify-discovery/core';
import { findAwsDomain } from '../apis/find-aws-domain.ts';
import type { AwsCredentials } from './aws-credentials.ts';
import { signingFetch } from './signing-fetch.ts';

export interface AssumeRoleOptions {
  /** `arn:aws:iam::111122223333:role/bridge`. */
  readonly roleArn: string;
  /** Stands in the other account's logs: `[\w+=,.@-]{2,64}`. */
  readonly sessionName: string;
  /** Of STS. */
  readonly region: string;
  /** Of whoever assumes the role. */
  readonly credentials: () => Promise<AwsCredentials>;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Instead of AWS's own. */
  readonly endpoint?: string | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** STS gives credentials for an hour; new ones are fetched before they end. */
const marginMs = 300_000;

/**
 * The credentials of a role, in another account as well. They are fetched when they are first needed and again before they
 * expire; concurrent callers share one request.
 *
 * @throws DiscoveryError `CredentialsMissing` when asked while the role can't be assumed.
 */
export function assumeRole(options: AssumeRoleOptions): () => Promise<AwsCredentials> {
  const { roleArn, sessionName, region, credentials, now = Date.now } = options;
  const url = options.endpoint ?? `https://sts.${findAwsDomain(region)}/`;
  const fetch = signingFetch({ region, credentials, service: 'sts', ...(options.fetch && { fetch: options.fetch }) });
  let known: { readonly credentials: AwsCredentials; readonly until: number } | undefined;
  let pending: Promise<AwsCredentials> | undefined;

  async function request(): Promise<AwsCredentials> {
    const fail = (found: string, cause?: unknown) =>
      new DiscoveryError('CredentialsMissing', `The role ${roleArn} can't be assumed: ${found}`, { cause });
    const body = new URLSearchParams({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: sessionName,
    });
    let text: string;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
        redirect: 'error',
        signal: AbortSignal.timeout(5000),
      });
      text = await response.text();
      if (!response.ok)
        throw fail(`HTTP ${response.status} ${find(text, 'Code') ?? ''} ${find(text, 'Message') ?? ''}`);
    } catch (error) {
      throw error instanceof DiscoveryError ? error : fail((error as Error).message, error);
    }
    const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
      'AccessKeyId',
      'SecretAccessKey',
      'SessionToken',
      'Expiration',
    ].map((name) => find(text, name));
    const until = Date.parse(expiration ?? '');
    if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(until))
      throw fail('the answer has no credentials');
    known = { credentials: { accessKeyId, secretAccessKey, sessionToken }, until };
    return known.credentials;
  }

  return () => {
    if (known && now() < known.until - marginMs) return Promise.resolve(known.credentials);
    pending ??= request().finally(() => (pending = undefined));
    return pending;
  };
}

/** The text of an element; STS's values have no characters that XML would escape. */
function find(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
}

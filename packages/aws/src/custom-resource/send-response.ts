import { DiscoveryError, isLocalHost } from '@amplify-discovery/core';
import { wait } from './wait.ts';

export interface SendOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
}

/**
 * PUTs the answer to CloudFormation's presigned URL, again and again while the network or the storage fails. The content
 * type is empty because it is part of what was signed. Redirects are not followed: nothing but the URL may get the answer.
 *
 * @throws DiscoveryError `InvalidOptions` for a URL that is not https, `RegistryUnavailable` when no attempt arrived.
 */
export async function sendResponse(url: string, text: string, { fetch, sleep, signal }: SendOptions): Promise<void> {
  if (!isAcceptable(url))
    throw new DiscoveryError('InvalidOptions', 'The ResponseURL is not https: nothing was sent to it');
  let found = 'no answer';
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const body = new TextEncoder().encode(text);
      const response = await fetch(url, {
        method: 'PUT',
        headers: { 'content-type': '' },
        body,
        redirect: 'manual',
        signal,
      });
      if (response.ok) return;
      found = `HTTP ${response.status}`;
      if (response.status < 500 && response.status !== 429) break;
    } catch (error) {
      found = error instanceof Error ? error.message : 'no answer';
    }
    await wait(sleep(Math.min(100 * 2 ** attempt, 2000)), signal);
  }
  throw new DiscoveryError('RegistryUnavailable', `CloudFormation's ResponseURL did not take the answer: ${found}`);
}

/** Plain http is for a CloudFormation that is played on the same machine. */
function isAcceptable(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && isLocalHost(hostname));
}

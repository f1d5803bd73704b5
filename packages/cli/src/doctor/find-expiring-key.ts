import type { Finding } from '@amplify-discovery/console';
import { createKeyClient, nameKey, signingFetch, type AwsCredentials } from '@amplify-discovery/aws';
import { findAwsApi } from '@amplify-discovery/core';
import type { RegistrySettings } from '../registry/choose-registry.ts';

export interface KeyReport {
  readonly findings: readonly Finding[];
  /** Why it could not be looked up, in words. */
  readonly unchecked: readonly string[];
}

export interface KeyCheckOptions {
  readonly findCredentials: () => Promise<() => Promise<AwsCredentials>>;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const dayMs = 24 * 3_600_000;
/** As the alarms do. */
const soonDays = 60;
const nowDays = 14;

/** Whether the API key that apps read with expires soon, as AppSync has it. A registry on this machine has none that does. */
export async function findExpiringKey(
  { url, region, apiKey }: RegistrySettings,
  { findCredentials, fetch, now }: KeyCheckOptions,
): Promise<KeyReport> {
  const { hostname } = new URL(url);
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
  if (apiKey === undefined || isLocal) return { findings: [], unchecked: [] };
  const skip = (reason: string) => ({ findings: [], unchecked: [`the API key: ${reason}`] });
  if (region === undefined || findAwsApi(hostname)?.service !== 'appsync-api')
    return skip(`${hostname} is not an address that AppSync gives an API`);
  const subject = `API key ${nameKey(apiKey)}`;
  try {
    const appsync = createKeyClient({
      region,
      fetch: signingFetch({ service: 'appsync', region, credentials: await findCredentials(), fetch }),
    });
    const apiId = await appsync.findApiId(url);
    if (apiId === undefined) return skip('no API of this account and region answers there');
    const key = (await appsync.listKeys(apiId)).find(({ id }) => id === apiKey);
    if (!key) return { findings: [describeUnknown(subject, apiId)], unchecked: [] };
    const days = (key.expires * 1000 - now) / dayMs;
    return { findings: days > soonDays ? [] : [describeExpiry(subject, apiId, key.expires, days)], unchecked: [] };
  } catch (error) {
    return skip((error as Error).message);
  }
}

function describeUnknown(subject: string, apiId: string): Finding {
  return {
    check: 'key-unknown',
    severity: 'error',
    subject,
    problem: `The API ${apiId} has no such key: it was deleted, or is another API's.`,
    fix: "Build the app with the registry's outputs of today; docs/operations/key-expiry.md says how to give apps another key.",
  };
}

function describeExpiry(subject: string, apiId: string, expires: number, days: number): Finding {
  const when = new Date(expires * 1000).toISOString();
  const problem =
    days <= 0
      ? `It expired at ${when}: apps that ask the registry with it are refused.`
      : `It expires at ${when}, in ${Math.floor(days)} days, and nothing has renewed it.`;
  return {
    check: 'key-expires',
    severity: days > nowDays ? 'warning' : 'error',
    subject,
    problem,
    fix: `Deploy the registry, or extend the key: aws appsync update-api-key --api-id ${apiId} --id KEY --expires SECONDS`,
  };
}

import type { AwsCredentials } from '@amplify-discovery/aws';
import { createFetchHandler, type SdkRequestHandler } from '@amplify-discovery/aws/sdk';

export interface AwsAccess {
  readonly region: string;
  /** Another AWS, at exactly this address. */
  readonly endpoint: string | undefined;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly fetch: typeof globalThis.fetch;
}

interface ClientSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>;
  readonly requestHandler: SdkRequestHandler;
}

/** What each client of the AWS SDK is made of here. */
export function planClient({ region, endpoint, credentials, fetch }: AwsAccess): ClientSettings {
  return {
    region,
    ...(endpoint !== undefined && { endpoint }),
    async credentials() {
      const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
      return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
    },
    requestHandler: createFetchHandler(fetch),
  };
}

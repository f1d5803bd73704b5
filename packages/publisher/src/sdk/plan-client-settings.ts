import type { AwsCredentials } from '@amplify-discovery/aws';
import { createFetchHandler, type SdkRequestHandler } from '@amplify-discovery/aws/sdk';

/** What a client of the AWS SDK is made of here. */
export interface ClientOptions {
  readonly region: string;
  /** Asked before the first request; what they give is used as long as the client lives. */
  readonly credentials: () => Promise<AwsCredentials>;
  /** Another service, at exactly this address: `http://127.0.0.1:9000`. @default AWS's */
  readonly endpoint?: string | undefined;
  /** Sends the requests, for example through a proxy. @default the AWS SDK sends them itself */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** The part of a client's configuration that all of them share. */
interface ClientSettings {
  readonly region: string;
  readonly credentials: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>;
  readonly endpoint?: string;
  readonly requestHandler:
    | SdkRequestHandler
    | {
        readonly connectionTimeout: number;
        readonly requestTimeout: number;
        readonly throwOnRequestTimeout: true;
      };
}

/** How every client is made: one that gives up in time, because the SDK itself waits for ever. */
export function planClientSettings({ region, credentials, endpoint, fetch }: ClientOptions): ClientSettings {
  return {
    region,
    async credentials() {
      const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
      return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
    },
    ...(endpoint !== undefined && { endpoint }),
    requestHandler: fetch
      ? createFetchHandler(fetch)
      : { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
}

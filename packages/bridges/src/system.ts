import type { AwsCredentials } from '@amplify-discovery/aws';
import type { Source } from '@amplify-discovery/core';
import type { Target } from './engine/target.ts';

/** One kind of registry, as command lines and settings name it: `consul:http://127.0.0.1:8500`. */
export interface System {
  /** What stands after the colon, for help: `URL`. */
  readonly address: string;
  /** One line for help. */
  readonly summary: string;
  /** Absent where it can't be read. */
  readonly createSource?: (address: string, context: SystemContext) => Promise<Source>;
  /** Absent where it can't be written. */
  readonly createTarget?: (address: string, context: SystemContext) => Promise<Target>;
}

/** What systems need of the program around them. */
export interface SystemContext {
  readonly fetch: typeof globalThis.fetch;
  /** For tokens that have no place in an address: `CONSUL_HTTP_TOKEN`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of AWS, where the address doesn't say it. */
  readonly region?: string | undefined;
  /** The AWS credentials; rejects when there are none. */
  readonly findCredentials: () => Promise<() => Promise<AwsCredentials>>;
}

import type { AwsCredentials } from '@amplify-discovery/aws';
import type { Source } from '@amplify-discovery/core';
import type { Target } from './engine/target.ts';
import type { CreateFacade } from './facade/facade.ts';

/** One kind of registry, as command lines and settings name it: `consul:http://127.0.0.1:8500`. */
export interface System {
  /** What stands after the colon, for help: `URL`. Absent where nothing is copied from it or to it. */
  readonly address?: string;
  /** One line for help. */
  readonly summary: string;
  /** Absent where it can't be read. */
  readonly createSource?: (address: string, context: SystemContext) => Promise<Source>;
  /** Absent where it can't be written. */
  readonly createTarget?: (address: string, context: SystemContext) => Promise<Target>;
  /** Absent where nothing answers in its place. */
  readonly facade?: SystemFacade;
}

/** How a system's read API is answered. */
export interface SystemFacade {
  /** The paths at and below which the API stands, no system's below another's: `['/v1']`. */
  readonly paths: readonly string[];
  /** How its clients are pointed at the facade, for help and at the start: `CONSUL_HTTP_ADDR=URL`. URL stands for the facade's. */
  readonly usage: string;
  readonly create: CreateFacade;
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

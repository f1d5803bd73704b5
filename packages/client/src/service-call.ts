import type { AmplifyContext, ResourcesConfig } from 'aws-amplify';
import type { get } from 'aws-amplify/api';
import type { AmplifyParts } from './amplify-parts.ts';
import type { RestEntry } from './rest-entry.ts';
import type { ServiceName } from './service-name.ts';

/** What Amplify's verbs take. */
export type AmplifyInput = Parameters<typeof get>[0];

/** Amplify's options of one request. */
export type RestOptions = NonNullable<AmplifyInput['options']>;

/** Amplify's input with a service's name, and an option that Amplify doesn't have. */
export type ServiceInput<Input = AmplifyInput> = Omit<Input, 'apiName'> & {
  readonly apiName: ServiceName;
  /** Whether the request may be repeated at a moved endpoint. @default true for GET, HEAD, PUT and DELETE (RFC 9110, 9.2.2) */
  readonly idempotent?: boolean;
};

/** An entry that the app lists, and the headers that it lists with it. */
export interface ListedEntry {
  readonly entry: RestEntry;
  readonly headers?: (() => Promise<Record<string, string>>) | undefined;
}

/** What of a call is prepared when it is sent. */
export interface FinishedCall {
  readonly context: AmplifyContext;
  readonly path: string;
  readonly options?: RestOptions | undefined;
}

/** An input that comes from code in the shape of v5. */
export interface V5Input extends ServiceInput {
  /** The entry that Amplify's configuration lists in the shape of v5. */
  readonly findListed: FindListed;
  /** Makes the last changes before the call is sent. */
  readonly finish?: (call: FinishedCall) => Promise<RestOptions | undefined>;
}

export type FindListed = (config: ResourcesConfig) => ListedEntry | undefined;

/** What every verb returns. */
export interface Cancellable {
  response: Promise<unknown>;
  cancel(message?: string): void;
}

/** One of Amplify's verbs, as far as it matters here. */
export type AmplifyVerb = (
  context: AmplifyContext,
  input: { readonly apiName: string; readonly path: string; readonly options?: RestOptions | undefined },
) => Cancellable;

/** A call by name, as it was made. */
export interface ServiceCall {
  readonly amplify: AmplifyParts;
  readonly verb: AmplifyVerb;
  /** `GET`, `POST` … */
  readonly method: string;
  readonly context: AmplifyContext | undefined;
  readonly input: ServiceInput & Partial<V5Input>;
  /** In milliseconds, by a clock that is never set. */
  readonly startedAt: number;
}

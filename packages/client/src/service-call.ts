import type { AmplifyContext } from 'aws-amplify';
import type { get } from 'aws-amplify/api';
import type { ServiceName } from './service-name.ts';

/** What Amplify's verbs take. */
export type AmplifyInput = Parameters<typeof get>[0];

/** Amplify's options of one request. */
export type RestOptions = NonNullable<AmplifyInput['options']>;

/** Amplify's input with a service's name, and what Amplify can't know. */
export type ServiceInput<Input = AmplifyInput> = Omit<Input, 'apiName'> & {
  readonly apiName: ServiceName;
  /** Whether the request may be repeated at a moved endpoint. @default true for GET, HEAD, PUT and DELETE (RFC 9110, 9.2.2) */
  readonly idempotent?: boolean;
};

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
  readonly verb: AmplifyVerb;
  /** `GET`, `POST` … */
  readonly method: string;
  readonly context: AmplifyContext | undefined;
  readonly input: ServiceInput;
  /** In milliseconds, by a clock that is never set. */
  readonly startedAt: number;
}

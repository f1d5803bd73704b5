import { generateClient } from 'aws-amplify/api';
import type { Cancellable } from './service-call.ts';

/** What v5's `API.graphql` took. */
export interface V5GraphqlOptions {
  /** Text, or what `gql` makes of it. */
  readonly query: string | { readonly definitions: readonly { readonly operation?: string }[] };
  readonly variables?: object | undefined;
  /** v5's names, `API_KEY`, or those of today, `apiKey`. */
  readonly authMode?: string | undefined;
  readonly authToken?: string | undefined;
}

/** What v5 returned for a subscription, as far as it is kept. */
export interface V5Subscription<Data = unknown> {
  subscribe(observer: {
    next?(message: { readonly value: Data }): void;
    error?(error: unknown): void;
    complete?(): void;
  }): { unsubscribe(): void };
}

/** v5's names, and Amplify's. */
const authModes = new Map([
  ['API_KEY', 'apiKey'],
  ['AWS_IAM', 'iam'],
  ['AMAZON_COGNITO_USER_POOLS', 'userPool'],
  ['OPENID_CONNECT', 'oidc'],
  ['AWS_LAMBDA', 'lambda'],
]);

/** A query or mutation by Amplify's own client. */
export function startQuery(options: V5GraphqlOptions, headers: Record<string, string> | undefined): Cancellable {
  const client = generateClient();
  const response = client.graphql(toAmplify(options) as never, headers) as unknown as Promise<unknown>;
  return { response, cancel: (message) => void client.cancel(response, message) };
}

/** A subscription by Amplify's own client, with the messages in v5's envelope. */
export function startSubscription(
  options: V5GraphqlOptions,
  headers: Record<string, string> | undefined,
  { next, error, complete }: Parameters<V5Subscription['subscribe']>[0],
): { unsubscribe(): void } {
  const messages = generateClient().graphql(toAmplify(options) as never, headers) as unknown as {
    subscribe(observer: object): { unsubscribe(): void };
  };
  return messages.subscribe({ next: (value: unknown) => next?.({ value }), error, complete });
}

function toAmplify({ authMode, ...options }: V5GraphqlOptions): object {
  return { ...options, ...(authMode && { authMode: authModes.get(authMode) ?? authMode }) };
}

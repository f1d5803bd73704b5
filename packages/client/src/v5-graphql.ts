import type { V5GraphqlOptions, V5Subscription } from './graphql-client.ts';
import type { Cancellable } from './service-call.ts';
import { API as restApi, type V5Api } from './v5.ts';
import { v5Cancels } from './v5-cancels.ts';
import type { V5Headers } from './v5-configuration.ts';

export type { V5GraphqlOptions, V5Subscription } from './graphql-client.ts';
export type { V5Api, V5Config, V5Endpoint, V5Init, V5Response, V5Verb } from './v5.ts';

/** What v5's `API.graphql` is given: a query with its variables, and a token where it needs one. */
export function graphqlOperation(
  query: V5GraphqlOptions['query'],
  variables: object = {},
  authToken?: string,
): V5GraphqlOptions {
  return { query, variables, authToken };
}

/**
 * `API` in the shape of Amplify v5 with `graphql`. It is an entry of its own because of bundlers that put what may be loaded
 * later into the start of an app: esbuild, and so Angular, all 37 KB of Amplify's GraphQL client, Parcel 6 KB of it.
 *
 * @example
 * ```ts
 * import { API, graphqlOperation } from 'amplify-discovery/v5/graphql';
 *
 * const { data } = await API.graphql<{ data: { orders: object[] } }>(graphqlOperation('{ orders { id } }'));
 * ```
 */
export const API: V5Api & {
  /** A query or mutation of the GraphQL API in Amplify's configuration, or a subscription to it, by Amplify's own client. */
  graphql<Data = unknown>(
    options: V5GraphqlOptions,
    additionalHeaders?: V5Headers,
  ): Promise<Data> & V5Subscription<Data>;
} = {
  ...restApi,
  graphql(options, headers) {
    return (isSubscription(options) ? makeSubscription(options, headers) : makeQuery(options, headers)) as never;
  },
};

/** v5 went by the first definition. */
function isSubscription({ query }: V5GraphqlOptions): boolean {
  return typeof query === 'string'
    ? /^(\s|,|#.*\n)*subscription\b/.test(query)
    : query.definitions[0]?.operation === 'subscription';
}

function makeQuery(options: V5GraphqlOptions, headers: V5Headers | undefined): Promise<unknown> {
  let operation: Cancellable | undefined;
  let cancel: ((started: Cancellable) => void) | undefined;
  const result = import('./graphql-client.ts').then(({ startQuery }) => {
    operation = startQuery(options, headers);
    cancel?.(operation);
    return operation.response;
  });
  v5Cancels.set(result, (message) => {
    cancel = (started) => started.cancel(message);
    if (operation) cancel(operation);
  });
  return result;
}

function makeSubscription(options: V5GraphqlOptions, headers: V5Headers | undefined): V5Subscription {
  return {
    subscribe(observer) {
      let isOver = false;
      let subscription: { unsubscribe(): void } | undefined;
      import('./graphql-client.ts')
        .then(({ startSubscription }) => {
          if (!isOver) subscription = startSubscription(options, headers, observer);
        })
        .catch((error: unknown) => observer.error?.(error));
      return {
        unsubscribe() {
          isOver = true;
          subscription?.unsubscribe();
        },
      };
    },
  };
}

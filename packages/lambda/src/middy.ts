import type { Discovery } from './create-discovery.ts';
import type { Invocation, LambdaContext } from './invocations/create-invocations.ts';

/** What the middleware adds to the context of a handler. */
export interface DiscoveryContext {
  /** The invocation; its `signal` ends waiting in time. */
  readonly discovery: Invocation;
}

/** The part of middy's request that is used. */
interface MiddyRequest<Context> {
  readonly event: unknown;
  readonly context: Context & DiscoveryContext;
}

export interface DiscoveryMiddleware<Context> {
  before(request: MiddyRequest<Context>): void;
  after(request: MiddyRequest<Context>): Promise<void>;
  onError(request: MiddyRequest<Context>): Promise<void>;
}

/**
 * Fits discovery into each invocation of a handler that middy runs, as `discovery.wrap` does without middy. Handlers that are
 * attached after it find the invocation as `context.discovery`.
 *
 * @typeParam Context The handler's own context: `Context` of `aws-lambda`.
 *
 * @example
 * ```ts
 * import type { Context } from 'aws-lambda';
 *
 * export const handler = middy()
 *   .use(createDiscoveryMiddleware<Context>(discovery))
 *   .handler(async (_event, { discovery: { signal } }) => {
 *     const response = await discovery.fetchService('user-management-service', '/users', { signal });
 *     return { statusCode: response.status };
 *   });
 * ```
 */
export function createDiscoveryMiddleware<Context extends LambdaContext = LambdaContext>(
  discovery: Pick<Discovery, 'begin'>,
): DiscoveryMiddleware<Context> {
  const invocations = new WeakMap<object, Invocation>();
  const end = async ({ context }: MiddyRequest<Context>) => {
    await invocations.get(context)?.end();
  };
  return {
    before({ event, context }) {
      const invocation = discovery.begin(event, context);
      invocations.set(context, invocation);
      Object.assign(context, { discovery: invocation });
    },
    after: end,
    onError: end,
  };
}

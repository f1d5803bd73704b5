import type { Invocation, LambdaContext } from './create-invocations.ts';
import type { Discovery } from './create-discovery.ts';

/** What is used of middy's request. */
interface MiddyRequest {
  readonly event: unknown;
  readonly context: object;
}

export interface DiscoveryMiddleware {
  before(request: MiddyRequest): void;
  after(request: MiddyRequest): Promise<void>;
  onError(request: MiddyRequest): Promise<void>;
}

/**
 * Fits discovery into each invocation of a handler that middy runs, as `discovery.wrap` does without middy. The handler
 * finds the invocation as `context.discovery`: `signal` there ends waiting in time.
 *
 * @example
 * ```ts
 * export const handler = middy(listUsers).use(discoveryMiddleware(discovery));
 * ```
 */
export function discoveryMiddleware(discovery: Pick<Discovery, 'begin'>): DiscoveryMiddleware {
  const invocations = new WeakMap<object, Invocation>();
  const end = async ({ context }: MiddyRequest) => {
    await invocations.get(context)?.end();
  };
  return {
    before({ event, context }) {
      const invocation = discovery.begin(event, context as LambdaContext);
      invocations.set(context, invocation);
      Object.assign(context, { discovery: invocation });
    },
    after: end,
    onError: end,
  };
}

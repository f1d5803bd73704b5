import { DiscoveryError, type Endpoint, type Resolver, type SelectionCriteria } from '@amplify-discovery/core';
import { spreadCall } from './spread-call.ts';
import { matchArn } from './match-arn.ts';

/**
 * The part of the AWS SDK's `Lambda` that is used: pass `new Lambda()` of `@aws-sdk/client-lambda`, or for a bare
 * `LambdaClient` `{ invoke: (input, options) => client.send(new InvokeCommand(input), options) }`.
 */
export interface LambdaInvoker {
  invoke(
    input: {
      readonly FunctionName: string;
      readonly Payload?: Uint8Array;
      readonly InvocationType?: 'RequestResponse' | 'Event';
    },
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{
    readonly StatusCode?: number | undefined;
    readonly Payload?: Uint8Array | undefined;
    readonly FunctionError?: string | undefined;
  }>;
}

export interface InvokeRequest {
  readonly criteria?: SelectionCriteria | undefined;
  readonly signal?: AbortSignal | undefined;
  /** `Event` doesn't wait for the answer. @default 'RequestResponse' */
  readonly invocationType?: 'RequestResponse' | 'Event' | undefined;
}

/** A function's answer. With `functionError` the payload describes what the function threw. */
export interface InvokeAnswer<T> {
  readonly statusCode: number;
  readonly payload: T;
  readonly functionError?: string | undefined;
}

export type InvokeService = <T = unknown>(
  service: string,
  payload?: unknown,
  request?: InvokeRequest,
) => Promise<InvokeAnswer<T>>;

export interface InvokeServiceOptions {
  readonly resolver: Pick<Resolver, 'resolve' | 'recheck'>;
  readonly lambda: LambdaInvoker | undefined;
  readonly trustedFunctions: readonly string[] | undefined;
  /** The ARN of the running function, known from its first invocation on. */
  readonly findOwnArn: () => string | undefined;
  /** 0 to 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** Makes the call by name of services that are Lambda functions. A function that is gone is looked up once more. */
export function createInvokeService(options: InvokeServiceOptions): InvokeService {
  const { resolver, lambda, trustedFunctions, findOwnArn, random = Math.random } = options;

  function checkTarget({ service, stage, kind, target }: Endpoint): void {
    if (kind !== 'function' || !/^arn:[\w-]+:lambda:/.test(target)) {
      throw new DiscoveryError(
        'InvalidOptions',
        `"${service}" in "${stage}" is of kind ${kind}, not a Lambda function: use fetchService`,
        { service, stage },
      );
    }
    const [, partition, , , account] = findOwnArn()?.split(':') ?? [];
    const own = account && ['', ':*'].map((qualifier) => `arn:${partition}:lambda:*:${account}:function:*${qualifier}`);
    if ((trustedFunctions ?? (own || [])).some((pattern) => matchArn(target, pattern))) return;
    const why =
      trustedFunctions || account
        ? 'trustedFunctions does not allow it'
        : 'the account of this function is not known yet: wrap the handler, or set trustedFunctions';
    throw new DiscoveryError('UntrustedEndpoint', `"${service}" in "${stage}" is ${target}: ${why}`, {
      service,
      stage,
    });
  }

  return async <T>(service: string, payload?: unknown, request: InvokeRequest = {}) => {
    const { signal, invocationType = 'RequestResponse' } = request;
    const criteria = spreadCall(request.criteria, random);
    if (!lambda)
      throw new DiscoveryError(
        'InvalidOptions',
        `lambda: needed to invoke "${service}", for example new Lambda() of @aws-sdk/client-lambda`,
        { service },
      );
    const bytes = payload === undefined ? undefined : new TextEncoder().encode(JSON.stringify(payload));
    const send = async (endpoint: Endpoint): Promise<InvokeAnswer<T>> => {
      checkTarget(endpoint);
      const input = { FunctionName: endpoint.target, InvocationType: invocationType, ...(bytes && { Payload: bytes }) };
      const {
        StatusCode = 200,
        Payload,
        FunctionError,
      } = await lambda.invoke(input, signal ? { abortSignal: signal } : {});
      const text = Payload?.length ? new TextDecoder().decode(Payload) : undefined;
      return {
        statusCode: StatusCode,
        payload: (text === undefined ? undefined : JSON.parse(text)) as T,
        ...(FunctionError && { functionError: FunctionError }),
      };
    };
    const first = await resolver.resolve(service, criteria, signal && { signal });
    try {
      return await send(first.endpoint);
    } catch (error) {
      // Nothing has run, so it may be sent again whatever it is.
      if ((error as Error | undefined)?.name !== 'ResourceNotFoundException') throw error;
      await resolver.recheck(first);
      const second = await resolver.resolve(service, criteria, signal && { signal }).catch(() => undefined);
      if (!second || second.endpoint.target === first.endpoint.target) throw error;
      return send(second.endpoint);
    }
  };
}

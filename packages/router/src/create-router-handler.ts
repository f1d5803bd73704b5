import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DiscoveryError } from '@amplify-discovery/core';
import { createDiscovery, type Discovery, type DiscoveryOptions, type LambdaContext } from '@amplify-discovery/lambda';
import { credentialsFromEnvironment } from '@amplify-discovery/aws';
import { buildHead, buildResult, type RouterResult } from './build-result.ts';
import { chooseStage, type StageRule } from './choose-stage.ts';
import { createRouter } from './create-router.ts';
import { parseRoute } from './parse-route.ts';
import { readEvent, type RouterEvent } from './read-event.ts';
import type { RouterOptions } from './router-options.ts';
import type { RouterRequest } from './router-request.ts';

export interface RouterHandlerOptions extends Omit<RouterOptions, 'discovery'> {
  /** Where snapshots come from and which hosts are trusted. @default what the environment says */
  readonly discovery?:
    | Omit<DiscoveryOptions, 'stage' | 'auth' | 'defaultAuth' | 'lambda' | 'trustedFunctions'>
    | undefined;
  /** Stages that serve what a stage doesn't have, in order: a preview's is `['dev']`. @default none */
  readonly fallbackStages?: Readonly<Record<string, readonly string[]>> | undefined;
  /** How long before the invocation's deadline the router answers for an endpoint that hasn't. @default 500 */
  readonly marginMs?: number | undefined;
  /** What Lambda's Node runtime defines for streaming. @default globalThis.awslambda */
  readonly awslambda?: LambdaStreaming | undefined;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html */
export interface LambdaStreaming {
  streamifyResponse(handler: (event: RouterEvent, stream: Writable, context: LambdaContext) => Promise<void>): unknown;
  readonly HttpResponseStream: { from(stream: Writable, head: object): Writable };
}

export interface RouterHandlers {
  /** For HTTP APIs (payload format 2.0), load balancers, and function URLs that buffer. */
  readonly handler: (event: RouterEvent, context: LambdaContext) => Promise<RouterResult>;
  /** For function URLs with invoke mode RESPONSE_STREAM; undefined outside Lambda. */
  readonly streamingHandler: unknown;
}

/**
 * Makes the handlers of a router function. Make them once, outside the handler: snapshots and connections are kept for
 * later invocations.
 *
 * @throws DiscoveryError `InvalidOptions`.
 *
 * @example
 * ```ts
 * export const { handler } = createRouterHandler({ stage: 'Production', services: ['orders', 'users'] });
 * ```
 */
export function createRouterHandler(options: RouterHandlerOptions): RouterHandlers {
  const { discovery: discoveryOptions = {}, fallbackStages = {}, marginMs = 500 } = options;
  const { awslambda = (globalThis as { awslambda?: LambdaStreaming }).awslambda } = options;
  const rule: StageRule = typeof options.stage === 'string' ? { default: options.stage } : options.stage;
  if (rule.inPath === 'any')
    throw new DiscoveryError('InvalidOptions', 'stage.inPath: name the stages that callers may choose');
  const known = new Map<string, Discovery>();

  function discoveryOf(stage: string): Discovery {
    let discovery = known.get(stage);
    if (!discovery) {
      const own = Object.hasOwn(fallbackStages, stage) ? (fallbackStages[stage] ?? []) : [];
      discovery = createDiscovery({
        services: options.services,
        region: options.region,
        credentials: options.credentials,
        now: options.now,
        ...discoveryOptions,
        stage: [stage, ...own],
      });
      known.set(stage, discovery);
    }
    return discovery;
  }

  const route = createRouter({
    credentials: credentialsFromEnvironment(process.env),
    region: process.env.AWS_REGION,
    ...options,
    discovery: discoveryOf,
  });
  if (rule.default !== undefined) discoveryOf(rule.default);

  /** The discovery that an invocation is about, if the request names a stage at all. */
  function findDiscovery(request: RouterRequest): Discovery | undefined {
    const parsed = parseRoute(request.target, { mount: options.mount, hasStage: rule.inPath !== undefined });
    const stage = chooseStage(rule, request, 'stage' in parsed ? parsed.stage : undefined);
    return stage === undefined ? undefined : discoveryOf(stage);
  }

  async function run<T>(
    event: RouterEvent,
    context: LambdaContext,
    finish: (answer: Awaited<ReturnType<typeof route>>, kind: ReturnType<typeof readEvent>['kind']) => Promise<T>,
  ): Promise<T> {
    const { kind, request } = readEvent(event);
    const invocation = findDiscovery(request)?.begin(event, context);
    try {
      // After a thaw this turn of the event loop tells which kept-alive connections have died meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
      return await finish(await route(request, { remainingMs: context.getRemainingTimeInMillis() - marginMs }), kind);
    } finally {
      await invocation?.end();
    }
  }

  return {
    handler: (event, context) => run(event, context, (answer, kind) => buildResult(answer, kind)),
    streamingHandler: awslambda?.streamifyResponse((event, stream, context) =>
      run(event, context, async (answer) => {
        const { statusCode, headers: { 'content-length': _, ...headers } = {}, cookies } = buildHead(answer, 'http');
        const out = awslambda.HttpResponseStream.from(stream, { statusCode, headers, ...(cookies && { cookies }) });
        // The head goes out with the first write, so there has to be one.
        out.write('');
        if (answer.body instanceof Uint8Array) await new Promise<void>((resolve) => out.end(answer.body, resolve));
        else await pipeline(answer.body, out);
      }),
    ),
  };
}

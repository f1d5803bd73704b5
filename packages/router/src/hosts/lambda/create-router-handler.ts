import type { Writable } from 'node:stream';
import { DiscoveryError } from '@amplify-discovery/core';
import { createDiscovery, type Discovery, type DiscoveryOptions, type LambdaContext } from '@amplify-discovery/lambda';
import { credentialsFromEnvironment } from '@amplify-discovery/aws';
import { createRouter, type Router } from '../../create-router.ts';
import type { Reply } from '../../forward/reply.ts';
import type { StageRule } from '../../route/choose-stage.ts';
import type { RoutePlan } from '../../route/plan-request.ts';
import type { RouterOptions } from '../../router-options.ts';
import { buildHead, buildResult, maximumAnswerBytes, type RouterResult } from './build-result.ts';
import { collectAnswer } from './collect-answer.ts';
import { createSender } from './create-sender.ts';
import { readEvent, type EventKind, type RouterEvent } from './read-event.ts';

export interface RouterHandlerOptions extends Omit<RouterOptions, 'discovery'> {
  /** Where snapshots come from and which hosts are trusted. @default what the environment says */
  readonly discovery?:
    | Omit<DiscoveryOptions, 'stage' | 'auth' | 'defaultAuth' | 'lambda' | 'trustedFunctions'>
    | undefined;
  /** Stages that serve what a stage doesn't have, in order: a preview's is `['dev']`. @default none */
  readonly fallbackStages?: Readonly<Record<string, readonly string[]>> | undefined;
  /** How long to wait for a connection to an endpoint, unless `send` is given. @default 3000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How long before the invocation's deadline the router gives up on an endpoint. @default 500 */
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

  const router = createRouter({
    credentials: credentialsFromEnvironment(process.env),
    region: process.env.AWS_REGION,
    ...options,
    send: options.send ?? createSender({ connectTimeoutMs: options.connectTimeoutMs, now: options.now }),
    discovery: discoveryOf,
  });
  if (rule.default !== undefined) discoveryOf(rule.default);

  async function run<T>(event: RouterEvent, context: LambdaContext, act: (routed: Routed) => Promise<T>): Promise<T> {
    const { kind, request } = readEvent(event);
    const plan = router.plan(request);
    const invocation = 'code' in plan ? undefined : discoveryOf(plan.stage).begin(event, context);
    try {
      // After a thaw, a turn of the event loop shows which kept-alive connections have died.
      await new Promise((resolve) => setImmediate(resolve));
      const remainingMs = context.getRemainingTimeInMillis() - marginMs;
      const forward = (reply: Reply) => router.forward(request, plan, reply, remainingMs);
      return await act({ kind, forward, service: (plan as Partial<RoutePlan>).service });
    } finally {
      await invocation?.end();
    }
  }

  return {
    handler: (event, context) =>
      run(event, context, async ({ kind, service, forward }) =>
        buildResult(await collectAnswer(maximumAnswerBytes[kind], forward), kind, service),
      ),
    streamingHandler: awslambda?.streamifyResponse((event, stream, context) =>
      run(event, context, ({ forward }) => streamAnswer(awslambda, stream, forward)),
    ),
  };
}

/** An invocation's request on its way. */
interface Routed {
  readonly kind: EventKind;
  readonly service: string | undefined;
  readonly forward: (reply: Reply) => ReturnType<Router['forward']>;
}

function streamAnswer(awslambda: LambdaStreaming, stream: Writable, forward: Routed['forward']): Promise<void> {
  return new Promise((resolve, reject) => {
    let out: Writable | undefined;
    const exchange = forward({
      start(status, list) {
        const {
          statusCode,
          headers: { 'content-length': _, ...headers } = {},
          cookies,
        } = buildHead({ status, headers: list }, 'http');
        out = awslambda.HttpResponseStream.from(stream, { statusCode, headers, ...(cookies && { cookies }) });
        out.on('drain', () => exchange.resume());
        out.on('error', (error) => {
          exchange.cancel();
          reject(error);
        });
        // The head goes out with the first write, so there has to be one.
        out.write('');
      },
      write: (chunk) => out?.write(chunk) ?? true,
      end: () => void out?.end(resolve),
      breakOff: () => void out?.destroy(new Error('The answer ended in the middle')),
    });
  });
}

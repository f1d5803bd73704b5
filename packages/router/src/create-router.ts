import { findNearNames } from '@amplify-discovery/core';
import { createForwarder } from './forward/forward-request.ts';
import type { Outcome } from './forward/outcome.ts';
import { replyWith, type Exchange, type Reply } from './forward/reply.ts';
import type { SendRequest } from './forward/send-request.ts';
import type { StageDiscovery } from './forward/stage-discovery.ts';
import { answerError, type ErrorAnswer } from './route/answer-error.ts';
import { answerUnknownService } from './route/answer-unknown-service.ts';
import { resolveLimits } from './route/check-request.ts';
import { findAffinityKey } from './route/find-affinity-key.ts';
import { findHeader } from './route/header-list.ts';
import { planRequest, type RoutePlan } from './route/plan-request.ts';
import type { RouterRequest } from './route/router-request.ts';
import type { RouterOptions } from './router-options.ts';

/** A router without a server: its host passes requests to it. */
export interface Router {
  /** Where a request goes, or the answer that refuses it. */
  plan(request: RouterRequest): RoutePlan | ErrorAnswer;
  /**
   * Answers a planned request. Never throws; the reply is ended or broken off in time, unless the exchange is cancelled.
   *
   * @param remainingMs bounds the exchange as well as `timeoutMs` does. @default Infinity
   */
  forward(request: RouterRequest, plan: RoutePlan | ErrorAnswer, reply: Reply, remainingMs?: number): Exchange;
}

/**
 * Makes a router: `/{service}/{path}` goes to the endpoint that serves the name. Only endpoints of the registry that the
 * trust rule allows are ever called; nothing that a caller sends chooses a host.
 */
export function createRouter(options: RouterOptions & { readonly send: SendRequest }): Router {
  const { discovery, services, affinity = {}, suggestNames = true, log, timeoutMs = 29_000 } = options;
  const { name = 'amplify-discovery-router', random = Math.random, now = Date.now } = options;
  const stage = typeof options.stage === 'string' ? { default: options.stage } : options.stage;
  const limits = resolveLimits(options);
  const rules = { name, stage, limits, mount: options.mount ?? '' };
  const forwardRequest = createForwarder({
    name,
    now,
    suggest,
    send: options.send,
    maximumBodyBytes: limits.maximumBodyBytes,
    auth: options.auth ?? {},
    credentials: options.credentials,
    region: options.region,
    rewriteAnswers: options.rewriteAnswers ?? true,
    trustForwarded: options.trustForwarded ?? false,
  });

  /** Only names that this router serves: its callers may know those. */
  function suggest({ service }: RoutePlan, found: StageDiscovery): readonly string[] {
    const endpoints = suggestNames ? found.inspect().flatMap((inspected) => inspected.endpoints ?? []) : [];
    const served = endpoints.filter(
      ({ target, tenant, service: known }) => /^https?:/.test(target) && !tenant && (services?.includes(known) ?? true),
    );
    return findNearNames(
      service,
      served.map((endpoint) => endpoint.service),
    );
  }

  function write(request: RouterRequest, plan: RoutePlan | ErrorAnswer, startedAt: number, outcome: Outcome): void {
    const { endpoint, ...line } = outcome;
    try {
      log?.({
        type: 'request',
        method: request.method,
        path: request.target.slice(0, 256).split('?', 1)[0] ?? '',
        durationMs: now() - startedAt,
        ...line,
        ...('service' in plan && { service: plan.service, stage: endpoint?.stage ?? plan.stage }),
        ...(endpoint && { endpoint: endpoint.id, target: endpoint.target }),
        traceparent: findHeader(request.headers, 'traceparent'),
      });
    } catch {
      // A failing log must not break a request.
    }
  }

  return {
    plan: (request) => planRequest(request, rules),
    forward(request, plan, reply, remainingMs = Infinity) {
      const startedAt = now();
      const report = (outcome: Outcome) => write(request, plan, startedAt, outcome);
      const refuse = (answer: ErrorAnswer, error?: string) => {
        report({ status: answer.status, code: answer.code, attempts: 0, error });
        request.body?.close();
        replyWith(reply, answer);
        return answered;
      };
      if ('code' in plan) return refuse(plan);
      const { service } = plan;
      try {
        const found = discovery(plan.stage);
        if (services && !services.includes(service))
          return refuse(answerUnknownService(service, plan.stage, suggest(plan, found)));
        const affinityKey = findAffinityKey(affinity, request.headers) ?? `${random()}`;
        const criteria = { affinityKey, ...options.findCriteria?.(request, service) };
        const time = Math.max(Math.min(timeoutMs, remainingMs), 0);
        return forwardRequest({ request, plan, discovery: found, criteria, timeoutMs: time }, reply, report);
      } catch (error) {
        return refuse(answerError('InternalError', 'The router failed.'), String(error));
      }
    },
  };
}

/** An exchange that is over already. */
const answered: Exchange = { resume() {}, cancel() {} };

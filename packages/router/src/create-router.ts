import { findNearNames } from '@amplify-discovery/core';
import { answerError } from './answer-error.ts';
import { buildForwardHeaders, isLoop } from './build-forward-headers.ts';
import { checkRequest } from './check-request.ts';
import { chooseStage, type StageRule } from './choose-stage.ts';
import { createSender } from './create-sender.ts';
import { describeFailure } from './describe-failure.ts';
import { findAffinityKey } from './find-affinity-key.ts';
import { forwardRequest } from './forward-request.ts';
import { parseRoute } from './parse-route.ts';
import type { RequestNotes, RouteCall, RouteRequest, RouterOptions, StageDiscovery } from './router-options.ts';
import type { RouterAnswer, RouterRequest } from './router-request.ts';

/**
 * Makes a router: `/{service}/{path}` goes to the endpoint that serves the name. Only endpoints of the registry that the
 * trust rule allows are ever called; nothing that a caller sends chooses a host.
 *
 * @example
 * ```ts
 * const resolver = createResolver({ source, stage: 'Production', trustedHosts: ['*.example.com'] });
 * const route = createRouter({ stage: 'Production', discovery: () => resolver });
 * ```
 */
export function createRouter(options: RouterOptions): RouteRequest {
  const {
    discovery,
    services,
    affinity = {},
    suggestNames = true,
    mount,
    log,
    name = 'amplify-discovery-router',
  } = options;
  const { random = Math.random, now = Date.now, send = createSender({ now }) } = options;
  const rule: StageRule = typeof options.stage === 'string' ? { default: options.stage } : options.stage;

  async function answer(request: RouterRequest, call: RouteCall, notes: RequestNotes): Promise<RouterAnswer> {
    const refused = checkRequest(request, options);
    if (refused) return refused;
    if (isLoop(request, name))
      return answerError('LoopDetected', 'This request has been here before: an endpoint leads back to the router.');
    const route = parseRoute(request.target, { mount, hasStage: rule.inPath !== undefined });
    if ('code' in route) return answerError(route.code, route.message);
    const { service, path, prefix } = route;
    const stage = chooseStage(rule, request, route.stage);
    if (stage === undefined) return answerError('StageNotAllowed', 'This router serves no such stage.', { service });
    Object.assign(notes, { stage, service });
    const headers = buildForwardHeaders(request, { name, prefix, trustForwarded: options.trustForwarded });
    if (!headers) return answerError('InvalidRequest', 'A header is not valid HTTP.');
    const found = discovery(stage);
    if (services && !services.includes(service)) return refuseUnknown(stage, service, found);
    const criteria = {
      affinityKey: findAffinityKey(affinity, request.headers) ?? `${random()}`,
      ...options.findCriteria?.(request, service),
    };
    try {
      return await forwardRequest({
        request,
        call,
        options,
        discovery: found,
        service,
        path,
        criteria,
        headers,
        send,
        notes,
      });
    } catch (error) {
      const { code, message } = describeFailure(error, service, stage);
      notes.error = `${(error as Error | undefined)?.name}: ${(error as Error | undefined)?.message}`;
      if (code === 'ServiceNotFound') return refuseUnknown(stage, service, found);
      return answerError(
        code,
        message,
        { service, stage },
        code === 'RegistryUnavailable' ? [['retry-after', '5']] : [],
      );
    }
  }

  /** Suggests only names that this router would serve: whoever may ask it may know them. */
  function refuseUnknown(stage: string, service: string, found: StageDiscovery): RouterAnswer {
    const endpoints = suggestNames ? found.inspect().flatMap((inspected) => inspected.endpoints ?? []) : [];
    const names = endpoints
      .filter(
        ({ target, tenant, service: known }) =>
          /^https?:/.test(target) && !tenant && (services?.includes(known) ?? true),
      )
      .map((endpoint) => endpoint.service);
    const suggestions = findNearNames(service, names);
    return answerError('ServiceNotFound', `No service "${service}" in "${stage}".`, {
      service,
      stage,
      ...(suggestions.length > 0 && { suggestions }),
    });
  }

  function write(request: RouterRequest, notes: RequestNotes, startedAt: number, { status, code }: RouterAnswer): void {
    try {
      log?.({
        type: 'request',
        method: request.method,
        path: request.target.slice(0, 256).split('?', 1)[0] ?? '',
        status,
        durationMs: now() - startedAt,
        attempts: 0,
        ...(code && { code }),
        traceparent: request.headers.find(([header]) => header.toLowerCase() === 'traceparent')?.[1],
        ...notes,
      });
    } catch {
      // Watching must not break a request.
    }
  }

  return async (request, call = {}) => {
    const startedAt = now();
    const notes: RequestNotes = {};
    const given = await answer(request, call, notes).catch((error: unknown) => {
      notes.error = String(error);
      return answerError('InternalError', 'The router failed.');
    });
    write(request, notes, startedAt, given);
    return given;
  };
}

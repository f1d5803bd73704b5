import { answerError, type ErrorAnswer } from './answer-error.ts';
import { checkRequest, type RequestLimits } from './check-request.ts';
import { chooseStage, type StageRule } from './choose-stage.ts';
import { parseRoute } from './parse-route.ts';
import type { RouterRequest } from './router-request.ts';

/** What decides where a request may go. */
export interface RouteRules {
  /** The router's name in Via. */
  readonly name: string;
  readonly stage: StageRule;
  /** Before the service in every path. */
  readonly mount: string;
  readonly limits: RequestLimits;
}

/** Where a request goes. */
export interface RoutePlan {
  readonly stage: string;
  readonly service: string;
  /** Path and query below the service. */
  readonly path: string;
  /** What names the service in the request's path. */
  readonly prefix: string;
}

/** Where a request goes, or the answer that refuses it. */
export function planRequest(request: RouterRequest, rules: RouteRules): RoutePlan | ErrorAnswer {
  const refused = checkRequest(request, rules.name, rules.limits);
  if (refused) return refused;
  const route = parseRoute(request.target, { mount: rules.mount, hasStage: rules.stage.inPath !== undefined });
  if ('code' in route) return answerError(route.code, route.message);
  const { service, path, prefix } = route;
  const stage = chooseStage(rules.stage, request, route.stage);
  if (stage === undefined) return answerError('StageNotAllowed', 'This router serves no such stage.', { service });
  return { stage, service, path, prefix };
}

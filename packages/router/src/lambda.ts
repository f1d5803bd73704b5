export { createRouterHandler, type RouterHandlerOptions } from './create-router-handler.ts';
export type { RouterResult } from './build-result.ts';
export type { HttpEvent, LoadBalancerEvent, RouterEvent } from './read-event.ts';

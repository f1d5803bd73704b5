export type { HttpEvent } from '@amplify-discovery/aws/http-event';
export type { RouterResult } from './build-result.ts';
export { createRouterHandler, type RouterHandlerOptions } from './create-router-handler.ts';
export { createSender, type LambdaSenderOptions } from './create-sender.ts';
export type { LoadBalancerEvent, RouterEvent } from './read-event.ts';
export { readRouterSettings, type RouterSettings } from './read-router-settings.ts';

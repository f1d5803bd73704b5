import { createMetrics } from '@amplify-discovery/lambda/metrics';
import { createRouterHandler, type RouterHandlers } from './create-router-handler.ts';
import { readRouterSettings } from './read-router-settings.ts';

/** The entry of the router Lambda: settings come from the environment, see the README. */
const handlers: RouterHandlers = createRouterHandler({
  ...readRouterSettings(process.env),
  ...(process.env.DISCOVERY_ROUTER_METRICS === '1' && { discovery: { metrics: createMetrics() } }),
  ...(process.env.DISCOVERY_ROUTER_LOG === '1' && { log: (line) => console.log(JSON.stringify(line)) }),
});

export const handler: RouterHandlers['handler'] = handlers.handler;
export const streamingHandler: unknown = handlers.streamingHandler;

import { setTimeout as sleep } from 'node:timers/promises';
import { createHandler, type Handler } from './create-handler.ts';
import { findGraphqlApi } from './find-graphql-api.ts';

/** What Lambda calls: `index.handler` of the bundle. */
export const handler: Handler = createHandler({
  environment: process.env,
  fetch: globalThis.fetch,
  findGraphqlApi,
  sleep: (milliseconds) => sleep(milliseconds),
  now: Date.now,
  random: Math.random,
  startTimeout: (milliseconds) => AbortSignal.timeout(Math.round(milliseconds)),
  log: (line) => void process.stdout.write(`${line}\n`),
});

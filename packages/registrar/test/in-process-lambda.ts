import type { Lambda } from '@amplify-discovery/test-rig/cloudformation';
import { createHandler } from '../src/create-handler.ts';

export interface InProcessOptions {
  readonly registry: string;
  /** Takes the requests to the registry. The answers to CloudFormation go over the network. */
  readonly fetchRegistry: typeof globalThis.fetch;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The handler in this process, where time passes only while it sleeps: for histories of thousands of events. */
export function createInProcessLambda({ registry, fetchRegistry, credentials }: InProcessOptions): Lambda {
  const log: string[] = [];
  let elapsed = 0;
  const timers = new Set<{ readonly due: number; readonly controller: AbortController }>();
  const handler = createHandler({
    environment: {
      REGISTRY_URL: registry,
      REGISTRY_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? 'id',
      AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? 'secret',
    },
    fetch: (input, init) => (input === registry ? fetchRegistry(input, init) : fetch(input, init)),
    findGraphqlApi: async () => undefined,
    now: Date.now,
    random: () => 0,
    log: (line) => log.push(line),
    startTimeout: (milliseconds) => {
      const controller = new AbortController();
      timers.add({ due: elapsed + milliseconds, controller });
      return controller.signal;
    },
    sleep: async (milliseconds) => {
      elapsed += milliseconds;
      for (const timer of timers) {
        if (timer.due > elapsed) continue;
        timers.delete(timer);
        timer.controller.abort(new Error('the time is up'));
      }
    },
  });
  return {
    log,
    processIds: [],
    invoke: async (event, invokedFunctionArn) => {
      try {
        await handler(event, { invokedFunctionArn, getRemainingTimeInMillis: () => 30_000 });
        return { end: 'returned' };
      } catch (error) {
        return { end: 'threw', message: String(error) };
      }
    },
    stop: async () => undefined,
  };
}

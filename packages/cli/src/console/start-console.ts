import { createConsoleHandler, type ConsoleHandlerOptions } from '@amplify-discovery/console';
import { createFetchListener, startLocalServer } from '@amplify-discovery/local';

export interface StartedConsole {
  /** Where a person opens the page, once. */
  readonly link: string;
  stop(): Promise<void>;
}

/** Serves the console on this machine; port 0 takes a free one. */
export async function startConsole(port: number, options: ConsoleHandlerOptions): Promise<StartedConsole> {
  const handler = createConsoleHandler(options);
  const server = await startLocalServer({ port, handlers: { '': createFetchListener(handler.handle) } });
  return { link: handler.createLink(server.url), stop: () => server.stop() };
}

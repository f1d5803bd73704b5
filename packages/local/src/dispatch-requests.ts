import type { IncomingMessage, ServerResponse } from 'node:http';
import { findForeignCaller } from './find-foreign-caller.ts';

/** Answers one request. A request that it rejects is cut off. */
export type LocalHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/**
 * Gives each request to the handler of its path: the longest at or above it. Requests that aren't this machine's own are
 * refused before any handler sees them, and reported.
 */
export function dispatchRequests(
  handlers: Readonly<Record<string, LocalHandler>>,
  onRefused: () => void,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const byLength = Object.entries(handlers).sort(([one], [other]) => other.length - one.length);
  return async (request, response) => {
    const foreign = findForeignCaller(request.headers);
    if (foreign) {
      onRefused();
      response.writeHead(403, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify({ errors: [foreign] }));
      return;
    }
    const [path = ''] = (request.url ?? '').split('?', 1);
    const [, handle] = byLength.find(([mount]) => path === mount || path.startsWith(`${mount}/`)) ?? [];
    if (handle) await handle(request, response);
    else response.writeHead(404).end();
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { findForeignCaller } from '@amplify-discovery/core';

/** Answers one request. If it rejects, the connection is closed. */
export type LocalHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/**
 * Passes each request to the handler with the longest matching path prefix. Requests from elsewhere than this machine, or the
 * hosts that are allowed beside it, are refused before a handler sees them, and reported.
 */
export function dispatchRequests(
  handlers: Readonly<Record<string, LocalHandler>>,
  onRefused: () => void,
  allowedHosts: readonly string[] = [],
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const byLength = Object.entries(handlers).sort(([one], [other]) => other.length - one.length);
  return async (request, response) => {
    const foreign = findForeignCaller(request.headers, { allowedHosts });
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

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { IncomingMessage } from 'node:http';
import type { LocalHandler } from './dispatch-requests.ts';

/** A name or an address, with its port. */
const hostPattern = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/**
 * A listener for `startLocalServer` or `node:http` that answers by a web-standard handler: a facade, the console's. Bodies are
 * streamed in both directions, and the request's signal aborts when the caller goes away.
 *
 * @example
 * ```ts
 * const hello = createFetchListener(async ({ url }) => new Response(`hello from ${new URL(url).pathname}`));
 * const server = await startLocalServer({ handlers: { '': hello } });
 * console.log(await (await fetch(server.url)).text());
 * await server.stop();
 * ```
 */
export function createFetchListener(handle: (request: Request) => Promise<Response>): LocalHandler {
  return async (message, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const request = readRequest(message, gone.signal);
    if (!request) {
      response.writeHead(400).end();
      return;
    }
    try {
      const { status, headers, body } = await handle(request);
      response.writeHead(status, [...headers].flat());
      response.flushHeaders();
      if (body) await pipeline(Readable.fromWeb(body as NodeStream), response);
      else response.end();
    } catch (error) {
      // A caller that left in the middle is no failure.
      if (!gone.signal.aborted) throw error;
    }
  };
}

/** Undefined for what node:http lets pass and no web-standard request can be: the method TRACE, a Host that is not one. */
function readRequest(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = 'GET', url = '/', headersDistinct } = message;
  const { host = '' } = message.headers;
  if (!hostPattern.test(host)) return undefined;
  try {
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(headersDistinct))
      for (const value of values) headers.append(name, value);
    // Joined as text: what begins with two slashes, or with a scheme, is a path here and not another host.
    return new Request(`http://${host}${url.startsWith('/') ? url : `/${url}`}`, {
      method,
      headers,
      signal,
      ...(method !== 'GET' && method !== 'HEAD' && { body: Readable.toWeb(message) as ReadableStream, duplex: 'half' }),
    });
  } catch {
    return undefined;
  }
}

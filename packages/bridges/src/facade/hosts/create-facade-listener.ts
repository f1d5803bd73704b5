import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Facade } from '../facade.ts';

/** No system asks with more than a list of names. */
const maximumBodyBytes = 1_000_000;

/**
 * A request listener for node:http that answers by the facade. It checks no Host header: `startLocalServer` of
 * `@amplify-discovery/local` does, and so does whatever stands before a server that is open to others.
 *
 * @example
 * ```ts
 * const server = await startLocalServer({ port: 8500, handlers: { '': createFacadeListener(facade) } });
 * ```
 */
export function createFacadeListener(
  facade: Facade,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      const given = await readRequest(request, gone.signal);
      const answer = given instanceof Response ? given : await facade(given);
      const body = Buffer.from(await answer.arrayBuffer());
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body);
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    }
  };
}

/** The request in web-standard form, or the answer to one that has none. */
async function readRequest(message: IncomingMessage, signal: AbortSignal): Promise<Request | Response> {
  const { method = 'GET', url = '/', headersDistinct } = message;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maximumBodyBytes) return new Response('The body is too large.\n', { status: 413 });
  }
  const hasBody = length > 0 && method !== 'GET' && method !== 'HEAD';
  try {
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(headersDistinct))
      for (const value of values) headers.append(name, value);
    // Only path and query count: the facade answers for any host.
    const target = `http://127.0.0.1${url.startsWith('/') ? url : `/${url}`}`;
    return new Request(target, { method, headers, signal, ...(hasBody && { body: Buffer.concat(chunks) }) });
  } catch {
    return new Response('This is not a valid request.\n', { status: 400 });
  }
}

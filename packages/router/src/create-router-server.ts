import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerError } from './answer-error.ts';
import { createRouter } from './create-router.ts';
import { createRouterListener } from './create-router-listener.ts';
import type { RouterOptions } from './router-options.ts';
import type { RouterAnswer } from './router-request.ts';

export interface RouterServerOptions extends RouterOptions {
  /** How long a caller may take to send a request. @default 30000 */
  readonly requestTimeoutMs?: number | undefined;
}

/**
 * A server that is a router and nothing else; call `listen` on it. It parses strictly whatever Node's flags say, and what
 * is no request of the router's is answered by JSON as well: malformed HTTP, CONNECT, headers beyond the limit.
 *
 * @example
 * ```ts
 * const server = createRouterServer({ stage: 'Production', discovery: () => resolver });
 * server.listen(8080, '127.0.0.1');
 * ```
 */
export function createRouterServer(options: RouterServerOptions): Server {
  const { requestTimeoutMs = 30_000, maximumBodyBytes, maximumHeaderBytes = 16 * 1024 } = options;
  const listener = createRouterListener(createRouter(options), { maximumBodyBytes });
  const server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    // A little more than the router's own limit, for the request line and the separators.
    maxHeaderSize: maximumHeaderBytes + 12 * 1024,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
  });
  server.on('request', (request, response) => void listener(request, response));
  server.on('connect', (_request, socket: Duplex) => {
    endWith(
      socket,
      answerError('MethodNotAllowed', 'This is no proxy.', {}, [
        ['allow', 'GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE'],
      ]),
    );
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const isLarge = error.code === 'HPE_HEADER_OVERFLOW';
    return endWith(
      socket,
      isLarge
        ? answerError('HeadersTooLarge', 'The headers are too large.')
        : answerError('InvalidRequest', 'This is no valid HTTP request.'),
    );
  });
  return server;
}

function endWith(socket: Duplex, { status, headers, body }: RouterAnswer): void {
  const lines = [...headers, ['connection', 'close'] as const].map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} -\r\n${lines.join('')}\r\n`), body as Uint8Array]));
}

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerError, type ErrorAnswer } from '../../route/answer-error.ts';
import { answerMethodNotAllowed, resolveLimits } from '../../route/check-request.ts';
import { createRouterListener, type RouterListenerOptions } from './create-router-listener.ts';

export interface RouterServerOptions extends RouterListenerOptions {
  /** How long a caller may take to send the headers of a request. @default 15000 */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a caller may take to send a request. @default 30000 */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a connection may wait for its next request; behind a load balancer longer than the balancer waits. @default 5000 */
  readonly keepAliveTimeoutMs?: number | undefined;
  /** How often slow callers are looked for. @default 5000 */
  readonly checkIntervalMs?: number | undefined;
}

/**
 * A server that is a router and nothing else; call `listen` on it. It parses strictly whatever Node's flags are. What never
 * reaches the router is answered with JSON as well: malformed HTTP, CONNECT, oversized headers, slow callers.
 *
 * @example
 * ```ts
 * const server = createRouterServer({ stage: 'Production', discovery: () => resolver });
 * server.listen(8080, '127.0.0.1');
 * ```
 */
export function createRouterServer(options: RouterServerOptions): Server {
  const { headersTimeoutMs = 15_000, requestTimeoutMs = 30_000, keepAliveTimeoutMs = 5000 } = options;
  const { checkIntervalMs = 5000, lingerMs = 1000 } = options;
  const { methods, maximumHeaderBytes } = resolveLimits(options);
  const listener = createRouterListener(options);
  const answers = new WeakMap<Duplex, ServerResponse>();
  const ending = new WeakSet<Duplex>();
  const server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    // A little more than the router's own limit, for the request line and the separators.
    maxHeaderSize: maximumHeaderBytes + 12 * 1024,
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: checkIntervalMs,
  });
  server.on('request', (request, response) => {
    answers.set(request.socket, response);
    listener(request, response);
  });
  server.on('connect', (_request, socket: Duplex) => endWith(socket, answerMethodNotAllowed(methods), lingerMs));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A parser that has failed reports whatever follows as well.
    if (ending.has(socket)) return;
    ending.add(socket);
    const answer = answers.get(socket);
    const isUnderWay = answer?.headersSent === true && !answer.writableFinished;
    if (error.code === 'ECONNRESET' || !socket.writable || isUnderWay) socket.destroy();
    else endWith(socket, describeClientError(error), lingerMs);
  });
  return server;
}

function describeClientError({ code }: NodeJS.ErrnoException): ErrorAnswer {
  if (code === 'HPE_HEADER_OVERFLOW') return answerError('HeadersTooLarge', 'The headers are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return answerError('RequestTimeout', 'The request did not arrive in time.');
  return answerError('InvalidRequest', 'This is not a valid HTTP request.');
}

/**
 * Answers on a connection that node:http has given up, and closes it when the caller does, or after a moment. Not at once: a
 * reset, because of what the caller still sends, could overtake the answer.
 */
function endWith(socket: Duplex, { status, headers, body }: ErrorAnswer, lingerMs: number): void {
  const head = [`HTTP/1.1 ${status} -\r\n`];
  for (let index = 0; index < headers.length; index += 2) head.push(`${headers[index]}: ${headers[index + 1]}\r\n`);
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(timer));
  socket.on('end', () => socket.destroy());
  socket.resume();
  socket.end(Buffer.concat([Buffer.from(`${head.join('')}connection: close\r\n\r\n`), body]));
}
